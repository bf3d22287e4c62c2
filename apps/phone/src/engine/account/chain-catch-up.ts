import { ChainError, decodeLinks, type Head, parseLinkHash } from '@palmkey/chain';
import { type CaughtUp, FollowError } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { equal } from '@palmkey/envelope';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import { NotConnectedError } from '../until-admitted.ts';
import { type Account, unwrapped } from './account.ts';
import { isOfRelay } from './account-error.ts';
import { alarmOf, type ChainAlarm, lacks } from './chain-doubt.ts';
import { giveLacking, lackingPosts } from './chain-post.ts';
import { settlePending } from './pending-links.ts';

/** What catching up works with. */
export interface ChainCatchUpDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'fetchLinks'>;
  readonly device: DeviceKeys;
  readonly account: Account;
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/**
 * What is asked of a relay about the chain, and given to it: whatever holds is kept. Nothing here says what follows
 * from it.
 */
export class ChainCatchUp {
  readonly #deps: ChainCatchUpDeps;

  constructor(deps: ChainCatchUpDeps) {
    this.#deps = deps;
  }

  /** Posts what waits to be posted, asks, and gives the relay what it lacks. Throws what is not the relay's. */
  async catchUp(chain: ChainOrders): Promise<CaughtUp> {
    try {
      await settlePending(this.#deps.account, chain);
    } catch (error) {
      if (!isOfRelay(error)) throw error;
    }
    const caught = await this.ask();
    return lacks(caught) ? this.#give(chain, caught) : caught;
  }

  /** Asks the relay where the chain ends, and keeps what is new. Throws what is not the relay's. */
  async ask(): Promise<CaughtUp> {
    try {
      return await unwrapped(this.#deps.account.follower.catchUp(this.#deps.signal));
    } catch (error) {
      if (!(error instanceof FollowError) || error.code !== 'cancelled') throw error;
      return { is: 'unreachable', cause: new NotConnectedError('closed') };
    }
  }

  /**
   * Gives all links after `prev`; null: the whole chain. Throws RangeError as `lackingPosts`, and what the relay says.
   */
  async postAfter(chain: ChainOrders, prev: Head | null): Promise<void> {
    const { ports, device, account } = this.#deps;
    const giver = { primitives: ports.primitives, device, keys: account.perUserKeys };
    await giveLacking(await lackingPosts(giver, prev, await account.links()), chain);
  }

  /**
   * Takes what the relay shows of the chain to anybody, also to a device that is not on it any more. Returns what is
   * wrong with it; null where nothing is, or nothing is shown.
   */
  async takeShown(relay: string): Promise<ChainAlarm | null> {
    const { account, ports, signal } = this.#deps;
    const { state } = account;
    try {
      const fetched = await ports.fetchLinks(relay, state.account, state.head.seqno, signal);
      const links = decodeLinks(fetched.links, state.head.seqno + 1);
      if (links.length > 0) await account.take(links, {});
    } catch (error) {
      if (error instanceof ChainError) return { code: alarmOf(error.code), seqno: error.seqno };
      if (!isOfRelay(error)) throw error;
    }
    return null;
  }

  /** A relay that has lost links is given them once more; one that still does not show them has rolled back. */
  async #give(chain: ChainOrders, caught: CaughtUp): Promise<CaughtUp> {
    const { account, device } = this.#deps;
    try {
      const told = await chain.ask();
      const head = told && { seqno: told.seqno, hash: parseLinkHash(told.hash) };
      // An open relay lets a removed device in as a stranger, who is on no chain.
      if (head === null && account.row.relay !== null) await this.takeShown(account.row.relay);
      if (account.state.standingOf(device.id) === 'revoked') return { is: 'current', state: account.state };
      const known = head && account.state.hashAt(head.seqno);
      if (head && (!known || !equal(known, head.hash))) return caught;
      if (head?.seqno !== account.state.head.seqno) await this.postAfter(chain, head);
    } catch (error) {
      // A head between two links that go together is no place to go on from.
      const isNoPlace = error instanceof RangeError || error instanceof ChainError;
      if (!isOfRelay(error) && !isNoPlace) throw error;
      return caught;
    }
    return this.ask();
  }
}
