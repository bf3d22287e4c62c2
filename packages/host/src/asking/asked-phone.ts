/** One phone of a request that is open: what it was sent, and what is known of it since. */
import type { Agreed } from '@palmkey/core/requests';
import type { Question } from './ask.ts';
import type { Pairing } from '../state/pairing-store.ts';
import type { Wake, Woken } from './wake.ts';

/** Which version of spec/requests.md a request is written in. */
export type Form = 1 | 2;
export const bothForms: readonly Form[] = [1, 2];

/**
 * Why a phone is out without an answer of its own: it does not know this kind of request, the two have no version in
 * common and one must be updated, it is paired no more, or it was taken out of the account.
 */
export type Unasked = 'phone-too-old' | 'update-us' | 'update-phone' | Gone;

/** Why it is no phone of this computer any more. */
export type Gone = 'unpaired' | 'revoked';

export interface AskedPhone {
  readonly pairing: Pairing;
  /** It has the key: it can say yes. */
  readonly holds: boolean;
  /** What it was sent; null when nothing was yet. What was sent once is what is repeated. */
  form: Form | null;
  received: boolean;
  /** The relay says that it is not connected, and it said nothing since. */
  absent: boolean;
  /** Its pairing has ended. */
  gone: boolean;
  unasked: Unasked | null;
  /** How many parts of the text it was sent. */
  parts: number;
  /** What wakes it, once it was sent the request; null where nothing does. */
  wake: Wake | null;
  /** What came of the last push to it. */
  woken: Woken | null;
}

export function askedPhone(pairing: Pairing, holds: boolean): AskedPhone {
  return {
    pairing,
    holds,
    form: null,
    received: false,
    absent: false,
    gone: false,
    unasked: null,
    parts: 0,
    wake: null,
    woken: null,
  };
}

/** In which form a phone is sent a request now: in none before it is heard (`wait`), or never. */
export function mayBeSent(
  kind: Question['kind'],
  { holds, form }: Pick<AskedPhone, 'holds' | 'form'>,
  agreed: Agreed | null,
): { readonly form: Form } | 'wait' | Unasked {
  if (agreed !== null && agreed.is !== 'speaking') return agreed.is === 'update-us' ? 'update-us' : 'update-phone';
  const isNew = kind === 'git-sign' || kind === 'file-sign';
  const isOld = agreed?.protocol === 1;
  if (isNew && isOld) return 'phone-too-old';
  if (form !== null) return { form };
  if (!holds && (agreed === null || isOld)) return 'wait';
  // What both versions know goes to a phone that has not said yet what it speaks, and the rest in the hope that it does.
  return { form: isNew || (agreed !== null && !isOld) ? 2 : 1 };
}

/** Whether the relay says of every phone that can say yes that it is not connected. */
export function isAbsent(phones: readonly AskedPhone[]): boolean {
  const holders = phones.filter(({ holds, gone }) => holds && !gone);
  return holders.length > 0 && holders.every(({ absent }) => absent);
}

/** Whether a phone that can say yes is being waited for of which nothing is known that a push would have told. */
export function isUnexplained(phones: readonly AskedPhone[]): boolean {
  return phones.some(({ holds, gone, received, woken }) => holds && !gone && !received && woken === null);
}

/** Whether a phone can be sent a preview: one that has not spoken yet registers for push only if it knows previews. */
export function knowsPreviews(agreed: Agreed | null): boolean {
  return agreed === null || (agreed.is === 'speaking' && agreed.protocol >= 3);
}

/** The phones to name to a person: those that can say yes and are not known to be away; all of them if all are. */
export function namesOf(phones: readonly AskedPhone[]): string[] {
  const holders = phones.filter(({ holds, gone }) => holds && !gone);
  const near = holders.filter(({ absent }) => !absent);
  return (near.length > 0 ? near : holders).map(({ pairing }) => pairing.peer.name);
}
