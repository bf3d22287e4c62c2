/** What is asked of the phones, and what comes of it. */
import type { Previewed } from '@palmkey/core/messages';
import type { RefusalCode, Request, RequestHash, Settled } from '@palmkey/core/requests';
import type { Unasked } from './asked-phone.ts';
import type { WaitingFact } from '../control/protocol.ts';
import type { NobodyAsked } from '../sign-ask.ts';
import type { Pairing } from '../state/pairing-store.ts';
import type { Woken } from './wake.ts';

/** What is asked, before it has an id and a time. */
export type Question = Request extends infer R
  ? R extends Request
    ? Omit<R, 'id' | 'issued' | 'expires'>
    : never
  : never;

/** What the person who waits may be told. */
export type AskNotice =
  | { readonly is: 'unreceived'; readonly absent: boolean }
  | { readonly is: 'received'; readonly by: string; readonly holds: boolean }
  | { readonly is: 'woken'; readonly by: string; readonly woken: Woken }
  | { readonly is: 'not-understood'; readonly by: string };

/** How asking ended. */
export interface AskResult {
  readonly outcome: Settled['outcome'];
  /** The phone whose answer it was, by its name; null where it was nobody's. */
  readonly by: string | null;
  /** For `approved`: the end of the permission that gave it, ms since 1970; null where a person did. */
  readonly until: number | null;
  /** For `failed`: why the phone that was the last one refused, or why it, or nobody, could be asked. */
  readonly code: RefusalCode | Unasked | NobodyAsked | null;
  /** For `clock-skew`: that phone's clock − this one's, ms. */
  readonly skew: number | null;
  /** The request's hash as the phone that answered knows it; the first phone's where none did. */
  readonly hash: RequestHash;
  /** There for `approved` alone. */
  readonly signature: Uint8Array | null;
  /** Had a phone with the key said that it has the request. */
  readonly received: boolean;
  /** Did their relays say that no phone with the key is connected, and nothing since. */
  readonly absent: boolean;
  /** What came of the last push to a phone with the key; null where there was none. */
  readonly woken: Woken | null;
}

export interface AskOptions {
  /** The phones that can say yes; at least one. */
  readonly holders: readonly Pairing[];
  /** Phones that see it too, and can reject it or pass it on. */
  readonly others?: readonly Pairing[];
  readonly question: Question;
  /** The text of a `git-sign` whose object is in parts, which phones fetch. */
  readonly text?: Uint8Array;
  /** What a phone that is woken shows before it has the request; null: nobody is woken for this one. */
  readonly preview: Previewed | null;
  /** For lists of what waits. */
  readonly about: Pick<WaitingFact, 'kind' | 'user' | 'host' | 'subject'> | null;
  /** Whether an approval's signature is one; called before the host acts on it. */
  readonly verify: (signature: Uint8Array) => Promise<boolean>;
  readonly onNotice: (notice: AskNotice) => void;
  /** Whoever asked is gone. */
  readonly signal: AbortSignal;
}
