import type { AccountId } from '@palmkey/envelope';
import { ascii, concat, fromBase64Url, parseAccountId, toBase64Url } from '@palmkey/envelope';
import { isOrigin } from '../pairing/origin.ts';
import { JoinLinkError } from './errors.ts';
import type { Kex2Secret } from './session.ts';
import { parseWords } from './words.ts';

const VERSION = 1;
const SUITE = { 'kex2-v1': 1, 'kex2-v2': 2, kex3: 3 } as const;
const SIDE = { x: 1, y: 2 } as const;
const KEX3_SECRET_BYTES = 32;
/** Longer than any link: what is pasted is refused before it is decoded. */
const MAX_URL_CHARACTERS = 2048;

/** A secret that one device shows as a QR code to the other. */
export interface JoinLink {
  /** An `http:` or `https:` URL origin. */
  readonly relay: string;
  readonly shownBy:
    | { readonly side: 'x'; readonly account: AccountId }
    /** A new device knows no account. */
    | { readonly side: 'y' };
  readonly secret: Kex2Secret | { readonly suite: 'kex3'; readonly bytes: Uint8Array };
}

/**
 * `u8 1 ‖ u8 suite ‖ u8 side ‖ u8 n ‖ relay (n) ‖ account id (16; only side 1) ‖ u8 m ‖ secret (m)` (spec/provisioning.md,
 * "The secret's QR code"). Throws {@link JoinLinkError} `bad-link` for a relay that is no origin, and a secret that is not
 * its suite's.
 */
export function encodeJoinLink({ relay, shownBy, secret }: JoinLink): Uint8Array<ArrayBuffer> {
  const isY = shownBy.side === 'y';
  const bytes = secret.suite === 'kex3' ? secret.bytes : ascii(secret.words);
  if (!isOrigin(relay) || !isSecret(SUITE[secret.suite], bytes) || (isY && secret.suite === 'kex2-v2')) {
    throw new JoinLinkError('bad-link');
  }
  const origin = ascii(relay);
  return concat(
    Uint8Array.of(VERSION, SUITE[secret.suite], SIDE[shownBy.side], origin.length),
    origin,
    ...(shownBy.side === 'x' ? [shownBy.account] : []),
    Uint8Array.of(bytes.length),
    bytes,
  );
}

/** Reads a link's payload; throws {@link JoinLinkError}, `version` for another version and `bad-link` for all else. */
export function parseJoinLink(bytes: Uint8Array): JoinLink {
  const [version, suite, side, originLength = 0] = bytes;
  if (version !== undefined && version !== VERSION) throw new JoinLinkError('version');
  const originEnd = 4 + originLength;
  const secretAt = originEnd + (side === SIDE.x ? 16 : 0) + 1;
  const secret = bytes.slice(secretAt);
  const relay = textOf(bytes.subarray(4, originEnd));
  const isWhole = bytes.length >= secretAt && bytes[secretAt - 1] === secret.length;
  if (!isWhole || (side !== SIDE.x && side !== SIDE.y) || !isOrigin(relay)) throw new JoinLinkError('bad-link');
  const parsed = secretOf(suite, secret);
  if (parsed === null || (side === SIDE.y && parsed.suite === 'kex2-v2')) throw new JoinLinkError('bad-link');
  const shownBy =
    side === SIDE.x
      ? ({ side: 'x', account: parseAccountId(bytes.slice(originEnd, originEnd + 16)) } as const)
      : ({ side: 'y' } as const);
  return { relay, shownBy, secret: parsed };
}

/** `<app>/join#<payload>`. `app` is the app's URL origin. */
export function joinUrl(app: string, link: JoinLink): string {
  return `${app.replace(/\/$/, '')}/join#${toBase64Url(encodeJoinLink(link))}`;
}

/** Reads what was scanned or pasted, white space around it allowed; throws as {@link parseJoinLink}. */
export function parseJoinUrl(text: string): JoinLink {
  const trimmed = text.length <= MAX_URL_CHARACTERS ? text.trim() : '';
  const payload = /^https?:\/\/[^\s#]+\/join#([\w-]+)$/.exec(trimmed)?.[1];
  if (payload === undefined) throw new JoinLinkError('bad-link');
  let bytes: Uint8Array;
  try {
    bytes = fromBase64Url(payload);
  } catch (cause) {
    throw new JoinLinkError('bad-link', { cause });
  }
  return parseJoinLink(bytes);
}

function secretOf(suite: number | undefined, bytes: Uint8Array): JoinLink['secret'] | null {
  if (suite === SUITE.kex3) return bytes.length === KEX3_SECRET_BYTES ? { suite: 'kex3', bytes } : null;
  const parsed = parseWords(textOf(bytes));
  return parsed !== null && SUITE[parsed.suite] === suite ? parsed : null;
}

function isSecret(suite: number, bytes: Uint8Array): boolean {
  return secretOf(suite, bytes) !== null;
}

/** A character for each byte: what is not ASCII is no origin and no word. */
function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
