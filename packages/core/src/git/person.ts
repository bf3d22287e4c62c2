import type { ObjectText } from './object-text.ts';
import { GitFormatError } from './errors.ts';

/** Who and when, as git writes it: `name <email> seconds zone`. Text is as it was written: not made safe for a screen. */
export interface GitPerson {
  /** Double spaces and everything else kept; may be empty; without `<` and `>`. */
  readonly name: string;
  /** May be empty; without `<` and `>`. */
  readonly email: string;
  /** Since 1970 UTC, 0 to 8,640,000,000,000: what a `Date` can hold. */
  readonly atSeconds: number;
  /** A sign and four digits, `+0100`, say; what they mean is only claimed. */
  readonly zone: string;
  /** The whole value. */
  readonly raw: string;
}

const MAX_SECONDS = 8_640_000_000_000;
const [LESS, GREATER, SPACE] = [0x3c, 0x3e, 0x20];
const WHEN = /^ (0|[1-9][0-9]{0,15}) ([+-][0-9]{4})$/;
const MAX_WHEN_BYTES = 24;

/** Reads the value of an `author`, `committer` or `tagger` header. Throws {@link GitFormatError}. */
export function parsePerson(value: Uint8Array, text: ObjectText): GitPerson {
  const open = value.indexOf(LESS);
  const close = value.indexOf(GREATER);
  if (open < 1 || value[open - 1] !== SPACE || close < open) throw new GitFormatError('a person without an address');
  const when = value.subarray(close + 1);
  if (value.lastIndexOf(LESS) !== open || when.includes(GREATER))
    throw new GitFormatError('a person with two addresses');
  const [, seconds, zone] = (when.length <= MAX_WHEN_BYTES ? WHEN.exec(String.fromCharCode(...when)) : null) ?? [];
  if (seconds === undefined || zone === undefined) throw new GitFormatError('a person without a date');
  const atSeconds = Number(seconds);
  if (atSeconds > MAX_SECONDS) throw new GitFormatError('a date beyond all calendars');
  return {
    name: text.decode(value.subarray(0, open - 1)),
    email: text.decode(value.subarray(open + 1, close)),
    atSeconds,
    zone,
    raw: text.decode(value),
  };
}
