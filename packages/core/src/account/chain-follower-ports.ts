import type { ChainErrorCode, ChainState, Head, LinkPlace, SignedLink } from '@palmkey/chain';
import type { AccountId, ChainHead, DeviceId } from '@palmkey/envelope';

/** Port: an account's chain at a relay. Nothing that it gives is believed. Both reject when the relay gives nothing. */
export interface ChainFeed {
  /** The head of the chain that this device is on; null where the relay has none. */
  head(signal: AbortSignal): Promise<ChainHead | null>;
  /** All links after that seqno, in order. */
  linksAfter(account: AccountId, seqno: number, signal: AbortSignal): Promise<readonly SignedLink[]>;
}

/** A place at which this device has signed a link that may still come onto the chain. */
export interface SignedPlace extends Pick<LinkPlace, 'prev' | 'seqno'> {
  /** Until when a relay takes it, ms since 1970; null: as long as nothing else stands there. */
  readonly endsAt: number | null;
}

/** What a device keeps of a chain. */
export interface ChainNote {
  /** The newest head that a relay has told and replay has confirmed; null before. */
  readonly pin: Head | null;
  readonly signed: SignedPlace | null;
}

/** What a device has kept of a chain. */
export interface SavedChain extends ChainNote {
  /** From the first. */
  readonly links: readonly SignedLink[];
}

/** Port: the place where a device keeps a chain. */
export interface ChainShelf {
  /** Adds links behind those that are kept and puts the note in the place of the old one; returns when both are safe. */
  save(added: readonly SignedLink[], note: ChainNote): Promise<void>;
}

/** A head that another device has told. */
export interface ToldHead {
  readonly head: Head;
  readonly by: DeviceId;
}

/** What asking a relay came to. */
export type CaughtUp =
  /** There is nothing new. */
  | { readonly is: 'current'; readonly state: ChainState }
  | { readonly is: 'advanced'; readonly state: ChainState }
  /** The relay has no chain of this device; `state` are links that no relay had yet. */
  | { readonly is: 'no-chain'; readonly state: ChainState | null }
  /** The relay lacks links that no relay had yet. */
  | { readonly is: 'relay-behind'; readonly state: ChainState; readonly head: Head }
  | RefusedChain
  /** The relay does not give what another device has told that it has seen. */
  | { readonly is: 'withheld'; readonly state: ChainState; readonly head: Head }
  /** The relay gave nothing. */
  | { readonly is: 'unreachable'; readonly cause: unknown };

/** A chain on which nothing may be decided. */
export interface RefusedChain {
  readonly is: 'refused';
  readonly code: 'rolled-back' | 'forked' | 'bad-chain' | 'other-account';
  /** The link that is wrong, or the pin's. */
  readonly seqno: number;
  /** With `bad-chain`: why. */
  readonly reason: ChainErrorCode | null;
}
