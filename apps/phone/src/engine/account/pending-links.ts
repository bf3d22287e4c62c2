import { decodeLinks } from '@palmkey/chain';
import { FrameError, RelayError } from '@palmkey/envelope';
import type { ChainOrders } from '../ports.ts';
import { type Account, type AccountChange, unwrapped } from './account.ts';

/**
 * Posts what this device has signed and no relay has confirmed, just as it was signed; nothing where there is nothing.
 * With it `change` is written once it is there. Rejects with what the relay says: on a plain no the links are let go of,
 * and on anything else they stay, to be posted again.
 */
export async function settlePending(account: Account, chain: ChainOrders, change: AccountChange = {}): Promise<void> {
  const { pending } = account.row;
  if (pending === null) return;
  const { prev, boxes, seeds } = pending;
  const seqno = (prev?.seqno ?? 0) + 1;
  try {
    await chain.post({ prev, links: pending.links, boxes, seeds });
  } catch (error) {
    if (isFinal(error)) {
      await account.change({ pending: null });
      // Only the relay has those links: with its no they come onto no chain that it shows.
      if (!isConflict(error)) await unwrapped(account.follower.release({ seqno }));
    }
    throw error;
  }
  await account.take(decodeLinks(pending.links, seqno), { ...change, pending: null });
}

/** Whether a relay has not taken the links of a post that was answered so, and will not. */
export function isFinal(error: unknown): boolean {
  if (error instanceof FrameError) return true;
  return error instanceof RelayError && ['conflict', 'bad-chain', 'quota', 'no-chain'].includes(error.code);
}

function isConflict(error: unknown): boolean {
  return error instanceof RelayError && error.code === 'conflict';
}
