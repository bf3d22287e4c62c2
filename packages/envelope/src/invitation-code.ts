import { ascii, concat } from './bytes.ts';

/** Crockford's base 32: no I, L, O or U, which are read as other letters or as words. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 20;
const GROUP = 5;
const FRAGMENT = 'invitation=';
/** How many random bytes a code is made of: one a character, of which 5 bits are used. */
export const INVITATION_RANDOM_BYTES = LENGTH;

/**
 * The code of an invitation as people see it: 20 characters of 5 bits in groups of five, joined by `-` (spec/relay.md,
 * "Admission"). `random`: {@link INVITATION_RANDOM_BYTES}; throws `RangeError` on another length.
 */
export function invitationCodeOf(random: Uint8Array): string {
  if (random.length !== LENGTH) throw new RangeError('a code is made of 20 random bytes');
  const characters = Array.from(random, (byte) => ALPHABET.charAt(byte & 31)).join('');
  return Array.from({ length: LENGTH / GROUP }, (_, i) => characters.slice(i * GROUP, (i + 1) * GROUP)).join('-');
}

/**
 * The 20 characters of a code that somebody typed, or null for what is none. Case, spaces and hyphens do not count; `O`
 * is `0`, `I` and `L` are `1`.
 */
export function parseInvitationCode(text: string): string | null {
  // Whoever pastes a book is not searched for a code.
  if (text.length > 4 * LENGTH) return null;
  const code = text.replace(/[\s-]/g, '').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return code.length === LENGTH && Array.from(code).every((character) => ALPHABET.includes(character)) ? code : null;
}

/** The bytes whose SHA-256 is the grant of a code of {@link parseInvitationCode}: `"palmkey/invitation/1" ‖ code`. */
export function invitationGrantPreimage(code: string): Uint8Array<ArrayBuffer> {
  return concat(ascii('palmkey/invitation/1'), ascii(code));
}

/**
 * An invitation as a link, `<relay>/#invitation=<code>`: a browser tells no server the part behind the `#`. `relay` is
 * the relay's origin, `code` one of {@link invitationCodeOf}.
 */
export function invitationLink(relay: string, code: string): string {
  return `${relay}/#${FRAGMENT}${code}`;
}

/** The code in what stands behind the `#` of such a link, with or without it; null where there is none. */
export function invitationIn(fragment: string): string | null {
  const text = fragment.replace(/^#/, '');
  if (!text.startsWith(FRAGMENT)) return null;
  const code = text.slice(FRAGMENT.length);
  return parseInvitationCode(code) === null ? null : code;
}
