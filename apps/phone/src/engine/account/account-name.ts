import { isAccountDeviceName, takenName } from '@palmkey/core/account';

const OTHERS = /[^\p{L}\p{M}\p{N} \-_.']+/gu;
/** What nobody sees: Unicode's Default_Ignorable_Code_Point. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}+/gu;
/** A mark without a letter before it. */
const LONE_MARKS = /(^|[ \-_.'])\p{M}+/gu;
/** A separator that does not stand alone between letters or digits. */
const DOUBLED = /[ \-_.']*([ \-_.'])(?=[ \-_.'])/g;
const AT_ENDS = /^[ \-_.']+|[ \-_.']+$/g;
/** Room for a word and a number behind it, of the 64 characters that a name has. */
const MAX_CHARACTERS = 50;
/** More than the names of all the devices that a chain can hold. */
const MAX_TRIES = 10_000;

/**
 * The name that a device has in its account: the one that the person gave it, or the nearest to it that an account takes
 * (spec/account.md, "Facts of a device") and nobody has. `word`: stands behind a name that is too short, or in its
 * place.
 */
export function accountNameOf(
  deviceName: string,
  taken: readonly string[] = [],
  word: 'phone' | 'computer' = 'phone',
): string {
  const isFree = (name: string): boolean => isAccountDeviceName(name) && takenName(name, taken) === undefined;
  if (isFree(deviceName)) return deviceName;
  const known = deviceName.normalize('NFC').replace(UNSEEN, '').replace(OTHERS, ' ').replace(LONE_MARKS, '$1');
  const plain = known.replace(DOUBLED, '').replace(AT_ENDS, '');
  const cut = Array.from(plain).slice(0, MAX_CHARACTERS).join('').replace(AT_ENDS, '');
  const base = isAccountDeviceName(cut) ? cut : `${cut} ${word}`.trim();
  const usable = isAccountDeviceName(base) ? base : word;
  for (let n = 1; n <= MAX_TRIES; n++) {
    const name = n === 1 ? usable : `${usable} ${n}`;
    if (isFree(name)) return name;
  }
  throw new RangeError('no name is left');
}
