import {
  JoinLinkError,
  type Kex2Secret,
  KexError,
  parseJoinUrl,
  parseTyped,
  type TypedSecret,
} from '@palmkey/core/provisioning';
import type { AccountId } from '@palmkey/envelope';

/** A secret that one device shows and the other was given. */
export type Secret =
  | { readonly how: 'code'; readonly bytes: Uint8Array }
  | { readonly how: 'number'; readonly number: number; readonly words: string }
  | { readonly how: 'words'; readonly secret: Kex2Secret };

/** What a new device was given of one of the account. */
export interface EnteredAtY {
  /** Its origin; null: the one that the app came from. */
  readonly relay: string | null;
  readonly account: AccountId | null;
  readonly secret: Secret;
}

/** What a device of the account was given of a new one. */
export interface EnteredAtX {
  /** Where the new device waits; null where it does not say. */
  readonly relay: string | null;
  readonly secret: Exclude<Secret, { how: 'number' }>;
}

/**
 * Reads what a new device's person scanned or typed. Throws `JoinLinkError` (`bad-link` for a secret that a new device
 * shows), `WordsError`, and `KexError` `account-needed` for nine words without their QR code.
 */
export function readAtY(text: string): EnteredAtY {
  if (!isLink(text)) {
    const typed = parseTyped(text);
    if (typed.suite === 'kex2-v2') throw new KexError('account-needed');
    return { relay: null, account: null, secret: secretOf(typed) };
  }
  const { relay, shownBy, secret } = parseJoinUrl(text);
  if (shownBy.side !== 'x') throw new JoinLinkError('bad-link');
  return { relay, account: shownBy.account, secret: ofLink(secret) };
}

/**
 * Reads what the person of a device of the account scanned or typed. Throws as {@link readAtY}; `bad-link` also for a
 * number and three words, which only such a device shows, and for nine words, which a new device cannot make.
 */
export function readAtX(text: string): EnteredAtX {
  if (!isLink(text)) {
    const secret = secretOf(parseTyped(text));
    if (secret.how !== 'words' || secret.secret.suite === 'kex2-v2') throw new JoinLinkError('bad-link');
    return { relay: null, secret };
  }
  const { relay, shownBy, secret } = parseJoinUrl(text);
  if (shownBy.side !== 'y') throw new JoinLinkError('bad-link');
  return { relay, secret: ofLink(secret) };
}

function isLink(text: string): boolean {
  return text.trim().startsWith('http');
}

function secretOf(typed: TypedSecret): Secret {
  if (typed.suite === 'kex3') return { how: 'number', number: typed.number, words: typed.words };
  return { how: 'words', secret: typed };
}

function ofLink(secret: ReturnType<typeof parseJoinUrl>['secret']): EnteredAtX['secret'] {
  return secret.suite === 'kex3' ? { how: 'code', bytes: secret.bytes } : { how: 'words', secret };
}
