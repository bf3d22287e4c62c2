import { type ChainState, placeAfter } from '@palmkey/chain';
import {
  type Actor,
  type ChainAct,
  chainPost,
  type PerUserBox,
  type PerUserKey,
  revokeDevices,
  type SaltedFacts,
  sealPreviousSeed,
} from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type DeviceId, equal, RelayError } from '@palmkey/envelope';
import type { FactsRow } from '../../store/schema.ts';
import type { EnginePorts } from '../ports.ts';
import type { Account, AccountChange, KeptPerUserKey } from './account.ts';
import { AccountError, isOfRelay } from './account-error.ts';
import { factsRow } from './account-rows.ts';
import type { ChainKeeper } from './chain-keeper.ts';
import { settlePending } from './pending-links.ts';

/** How often something is done anew where another device was faster. */
const MAX_TRIES = 3;

/** Something that is done on the chain, with what this device has to keep of it. */
export interface Act {
  readonly act: ChainAct;
  /** The latest generation then, where it is a new one. */
  readonly perUserKey?: PerUserKey;
  /** Of the device that it adds. */
  readonly facts?: readonly [DeviceId, SaltedFacts];
}

/** What acts work with. */
export interface AccountActsDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'clock'>;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly keeper: ChainKeeper;
  /** After the chain has gone on. */
  readonly onState: () => Promise<void>;
}

/** What this device does on its account's chain: each act is at the relay, or it has not happened. */
export class AccountActs {
  readonly #deps: AccountActsDeps;

  constructor(deps: AccountActsDeps) {
    this.#deps = deps;
  }

  /**
   * Ends devices of the account for good; nothing happens for those that are not active. What they themselves have told
   * against the chain does not stand in the way: otherwise a hostile one could keep itself in.
   */
  async revoke(ids: readonly DeviceId[]): Promise<void> {
    await this.perform(async (actor, state, key) => {
      const active = ids.filter((id) => state.find(id) !== undefined);
      if (active.length === 0) return null;
      const act = await revokeDevices(actor, state, key, active);
      return { act, ...(act.perUserKey !== key && { perUserKey: act.perUserKey }) };
    }, ids);
  }

  /**
   * Does something on the chain as it is now, anew where another device was faster; null: there is nothing to do. What it
   * signs is kept before it is posted, so that an answer that is lost does no harm. Throws {@link AccountError},
   * `FollowError` `already-signed` while a link of this device may still come, and what the relay says. What `unheard`
   * devices have told against the chain is let go of first.
   */
  perform(
    make: (actor: Actor, state: ChainState, key: PerUserKey) => Promise<Act | null>,
    unheard: readonly DeviceId[] = [],
  ): Promise<void> {
    const { account, keeper, onState } = this.#deps;
    return keeper.inOrder(async () => {
      account.follower.forgetToldBy(unheard);
      for (let tries = 1; ; tries++) {
        try {
          if (!(await this.#try(make))) return;
          await onState();
          keeper.shareSoon();
          return;
        } catch (error) {
          const wasFaster = error instanceof RelayError && error.code === 'conflict';
          if (!wasFaster || tries >= MAX_TRIES) throw error;
        }
      }
    });
  }

  async #try(make: Parameters<AccountActs['perform']>[0]): Promise<boolean> {
    const { ports, device, account, keeper } = this.#deps;
    const chain = account.row.relay === null ? null : await keeper.inStep();
    keeper.checkMayDecide();
    const { state, perUserKey } = account;
    if (perUserKey === undefined) throw new AccountError('no-key');
    const actor: Actor = { primitives: ports.primitives, device, ctime: ports.clock.now() };
    const made = await make(actor, state, perUserKey);
    if (made === null) return false;
    const { act } = made;
    const facts: FactsRow[] = made.facts ? [factsRow(made.facts[0], made.facts[1], false)] : [];
    const change: AccountChange = made.perUserKey ? { perUserKey: this.#kept(act, made.perUserKey) } : {};
    await account.reserve(placeAfter(state));
    if (chain === null) {
      await account.keep(act.links, { ...change, facts });
      return true;
    }
    await account.change({ pending: chainPost(act), facts });
    try {
      await settlePending(account, chain, change);
    } catch (error) {
      if (isOfRelay(error) && account.row.pending !== null) throw new AccountError('no-head', { cause: error });
      throw error;
    }
    return true;
  }

  /** The new generation with those before it, as this device keeps them. */
  #kept({ boxes }: ChainAct, perUserKey: PerUserKey): KeptPerUserKey {
    const { account, device, ports } = this.#deps;
    const keys = [...account.perUserKeys, perUserKey];
    const box = boxes.find(({ receiver }: PerUserBox) => equal(receiver, device.id));
    if (box === undefined) throw new AccountError('no-key');
    const seeds = keys.flatMap((key, i) => {
      const previous = keys[i - 1];
      return previous ? [sealPreviousSeed(ports.primitives, key, previous)] : [];
    });
    return { keys, box, seeds };
  }
}
