import type { PhonePorts } from '../ports.ts';
import type { AccountKeeper } from '../account/account-keeper.ts';
import { AccountError } from '../account/account-keeper.ts';
import type { RelayLinks } from '../relay-links.ts';
import { JoiningError } from './failed-way.ts';
import type { LetInAccount } from './joining-ports.ts';

/** The account as this device keeps it, for letting others in. */
export function letInAccount(ports: Pick<PhonePorts, 'page'>, links: RelayLinks, keeper: AccountKeeper): LetInAccount {
  const { account } = keeper;
  return {
    home: async () => {
      const origin = account.relay ?? ports.page.origin;
      const release = links.hold(origin, null);
      try {
        await links.during(origin, null, () => Promise.resolve());
        if (account.relay === null) await keeper.settleAt(origin);
        if (account.relay !== origin) throw new JoiningError('no-relay');
      } catch (error) {
        release();
        throw error;
      }
      return {
        origin,
        open: (rendezvous) => links.during(origin, null, (link) => link.openRendezvous(rendezvous)),
        close: (rendezvous) => links.during(origin, null, (link) => link.closeRendezvous(rendezvous)),
        nameplate: (rendezvous) => links.during(origin, null, (link) => link.allocateNameplate(rendezvous)),
        grant: (hash) => links.during(origin, null, (link) => link.chain.grant(hash)),
        release,
      };
    },
    now: async () => {
      await keeper.check();
      const { state, perUserKeys, names } = account;
      const perUserKey = perUserKeys.at(-1);
      if (perUserKey?.generation !== state.perUserKey.generation) throw new AccountError('not-connected');
      return { state, perUserKey, names };
    },
    reserve: ({ seqno }) => account.reserve(seqno),
    hasJoined: async ({ device }) => {
      await keeper.check();
      return account.state.standingOf(device.id) === 'active';
    },
  };
}
