import { parseLinkHash } from '@palmkey/chain';
import { MOVE_RECORD } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type AccountRecord, equal, RelayError } from '@palmkey/envelope';
import { type Account, unwrapped } from '../account/account.ts';
import type { ChainKeeper } from '../account/chain-keeper.ts';
import { lacks } from '../account/chain-doubt.ts';
import { giveLacking, lackingPosts } from '../account/chain-post.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import { MovingError } from './moving-error.ts';

/** What bringing the account to another relay works with. */
export interface NewHomeDeps {
  readonly ports: Pick<EnginePorts, 'primitives'>;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly keeper: Pick<ChainKeeper, 'inOrder'>;
}

/**
 * Has a relay show this device's chain to its end, and gives it what it lacks; what it has beyond that is taken over where
 * it goes on from it. Rejects with {@link MovingError}, and what the relay says.
 */
export function bringChain(
  { ports, device, account, keeper }: NewHomeDeps,
  relay: string,
  chain: ChainOrders,
  signal: AbortSignal,
): Promise<void> {
  return keeper.inOrder(async () => {
    account.feed.relay = relay;
    try {
      let caught = await unwrapped(account.follower.catchUp(signal));
      if (lacks(caught)) {
        await give();
        caught = await unwrapped(account.follower.catchUp(signal));
      }
      if (caught.is === 'unreachable') throw caught.cause;
      if (caught.is === 'refused') throw new MovingError(caught.code);
      if (lacks(caught) || caught.is === 'withheld') throw new MovingError('rolled-back');
    } finally {
      account.feed.relay = account.row.relay;
    }
  });

  async function give(): Promise<void> {
    const told = await chain.ask();
    const head = told && { seqno: told.seqno, hash: parseLinkHash(told.hash) };
    const known = head && account.state.hashAt(head.seqno);
    if (head && !(known && equal(known, head.hash))) throw new MovingError('forked');
    if (account.perUserKey === undefined) throw new MovingError('no-key');
    const giver = { primitives: ports.primitives, device, keys: account.perUserKeys };
    try {
      await giveLacking(await lackingPosts(giver, head, await account.links()), chain);
    } catch (cause) {
      // A relay that does not know of parts, and one that has the chain up to before this device joined.
      const isOld = cause instanceof RelayError && cause.code === 'bad-frame';
      if (isOld || cause instanceof RangeError) throw new MovingError('joined-late', { cause });
      // Its account there has a chain that this device is not on.
      const isOther = head === null && cause instanceof RelayError && isTaken(cause);
      throw isOther ? new MovingError('other-account', { cause }) : cause;
    }
  }
}

/** A chain is there already, where the giver is on none. */
function isTaken({ code, refusal }: RelayError): boolean {
  return code === 'conflict' || refusal?.reason === 'not-yours';
}

/** Writes records as they are, sealed, where a relay has others; what it has beside them stays. Rejects as the relay does. */
export async function copyRecords(records: readonly AccountRecord[], chain: ChainOrders): Promise<void> {
  const there = new Map((await chain.records()).map((record) => [record.name, record]));
  for (const { name, bytes } of records) {
    const former = there.get(name);
    const isThere = former !== undefined && equal(former.bytes, bytes);
    if (name !== MOVE_RECORD && !isThere) await chain.write({ name, revision: former?.revision ?? 0, bytes });
  }
}
