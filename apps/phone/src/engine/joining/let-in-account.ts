import type { PhonePorts } from '../ports.ts';
import type { AccountDesk } from '../account/account-desk.ts';
import { AccountError } from '../account/account-error.ts';
import { factsRow } from '../account/account-rows.ts';
import type { RelayLinks } from '../relay-links.ts';
import { JoiningError } from './failed-way.ts';
import type { LetInAccount } from './joining-ports.ts';

/** The account as this device keeps it, for letting others in. */
export function letInAccount(ports: Pick<PhonePorts, 'page'>, links: RelayLinks, desk: AccountDesk): LetInAccount {
  const { account, keeper } = desk;
  return {
    home: async () => {
      const origin = account.row.relay ?? ports.page.origin;
      const release = links.hold(origin, null);
      try {
        await links.during(origin, null, () => Promise.resolve());
        if (account.row.relay === null) await keeper.settleAt(origin);
        if (account.row.relay !== origin) throw new JoiningError('no-relay');
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
      const { state, perUserKey, names } = account;
      if (perUserKey === undefined) throw new AccountError('no-key');
      return { state, perUserKey, names };
    },
    reserve: (place, endsAt) => account.reserve(place, endsAt),
    hasJoined: async ({ device, facts }) => {
      await keeper.check();
      if (account.state.standingOf(device.id) !== 'active') return false;
      // Should the new device not come to share its name, this one does.
      if (account.facts(device.id) === undefined) {
        await account.change({ facts: [factsRow(device.id, facts, false)] });
        keeper.shareSoon();
      }
      return true;
    },
  };
}
