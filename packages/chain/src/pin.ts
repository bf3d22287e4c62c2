import { equal } from '@palmkey/envelope';
import { ChainError } from './errors.ts';
import type { SignedLink } from './link.ts';
import type { ChainPrimitives } from './ports.ts';
import { replay } from './replay.ts';
import type { ChainState, Head } from './state.ts';

/** Where somebody's head stands as this chain sees it; `ahead` has to be fetched, `forked` is another history. */
export type HeadPlace = 'same' | 'behind' | 'ahead' | 'forked';

/** Compares a head that somebody tells with a chain. What is ahead may turn out to be a fork when it is fetched. */
export function placeOfHead(state: ChainState, head: Head): HeadPlace {
  if (head.seqno > state.head.seqno) return 'ahead';
  const hash = state.hashAt(head.seqno);
  if (hash === undefined || !equal(hash, head.hash)) return 'forked';
  return head.seqno === state.head.seqno ? 'same' : 'behind';
}

/**
 * Throws {@link ChainError} with the pin's seqno if a chain does not go on from the head that this device has seen
 * (spec/account.md, "Pins"): `rolled-back` if it is shorter, `forked` if it has another link there.
 */
export function checkPin(state: ChainState, pin: Head): void {
  switch (placeOfHead(state, pin)) {
    case 'same':
    case 'behind':
      return;
    case 'ahead':
      throw new ChainError('rolled-back', pin.seqno);
    case 'forked':
      throw new ChainError('forked', pin.seqno);
  }
}

/**
 * As `replay`, for a device that has a pin, which may be ahead of `from` if it stopped between writing the two: rejects
 * as `replay` and {@link checkPin} do. A first link that does not follow `from` is `forked` with the seqno of its head: a
 * chain from nothing would say the same.
 */
export async function replayPinned(
  primitives: ChainPrimitives,
  links: readonly SignedLink[],
  from: ChainState | null,
  pin: Head | null,
): Promise<ChainState> {
  const state = await replay(primitives, links, from).catch((error: unknown) => {
    const { seqno } = from?.head ?? { seqno: 0 };
    const isOther = error instanceof ChainError && error.code === 'wrong-prev' && error.seqno === seqno + 1;
    throw isOther ? new ChainError('forked', seqno) : error;
  });
  if (pin !== null) checkPin(state, pin);
  return state;
}
