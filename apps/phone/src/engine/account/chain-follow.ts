import {
  ChainError,
  decodeLinks,
  type Head,
  parseLinkHash,
  placeOfHead,
  replayPinned,
  type SignedLink,
  type ChainState,
} from '@palmkey/chain';
import { type Primitives, sha256 } from '@palmkey/core/crypto';
import { type ChainHead, equal } from '@palmkey/envelope';
import type { FetchedLinks } from '@palmkey/relay-client';

/** Links that go on from a state, and the state after them. */
export interface NewLinks {
  readonly links: readonly SignedLink[];
  readonly state: ChainState;
}

/** Where a relay's chain stands beside this device's. */
export type RelayPlace =
  /** The relay has what this device has. */
  | { readonly is: 'same' }
  /** It has more. */
  | { readonly is: 'ahead'; readonly head: Head }
  /** It lacks the links after this seqno; 0: all. */
  | { readonly is: 'behind'; readonly seqno: number };

/** Compares; throws {@link ChainError} `forked` for a head of another history, or of another account. */
export function relayPlace(state: ChainState, asked: ChainHead | null): RelayPlace {
  if (asked === null) return { is: 'behind', seqno: 0 };
  if (!equal(asked.account, state.account)) throw new ChainError('forked', 1);
  const head = { seqno: asked.seqno, hash: parseLinkHash(asked.hash) };
  switch (placeOfHead(state, head)) {
    case 'same':
      return { is: 'same' };
    case 'ahead':
      return { is: 'ahead', head };
    case 'behind':
      return { is: 'behind', seqno: head.seqno };
    case 'forked':
      throw new ChainError('forked', head.seqno);
  }
}

/**
 * Replays what a relay gave after the links of `state`, which has to reach the head that it told. Throws
 * {@link ChainError}.
 */
export async function takeLinks(
  primitives: Primitives,
  state: ChainState,
  fetched: FetchedLinks,
  head: Head,
): Promise<NewLinks> {
  const links = decodeLinks(fetched.links, state.head.seqno + 1);
  if (links.length === 0) throw new ChainError('rolled-back', head.seqno);
  return { links, state: await replayPinned({ ...primitives, sha256 }, links, state, head) };
}
