/** Which passphrases may be set, and which of those are easily guessed (spec/account.md, "The passphrase"). */

/** The fewest characters of a passphrase, counted as Unicode code points in NFC. */
export const MIN_PASSPHRASE_CHARACTERS = 8;
/** The most bytes of a passphrase in UTF-8 and NFC. */
export const MAX_PASSPHRASE_BYTES = 1024;

/**
 * What a passphrase is worth. `empty`, `too-short` and `too-long` cannot be set; `weak` can, with a warning. `fair` is only
 * not known to be weak.
 */
export type PassphraseStrength = 'empty' | 'too-short' | 'too-long' | 'weak' | 'fair';

/** Fewer are tried in minutes on one stolen disk, whatever scrypt costs. */
const MIN_DIGITS = 14;
const MIN_LETTERS_OF_ONE_WORD = 12;
const MIN_DIFFERENT = 5;
/** What people begin with who do not want to think; each also with anything of up to four characters around it. */
const usual = /^.{0,4}(?:pass(?:word|phrase|wort)|palmkey|qwert[yz]|asdfgh|letmein|iloveyou|welcome|admin).{0,4}$/u;

/** Judges a passphrase that is to be set. It knows the worst only, and no dictionary. */
export function passphraseStrength(passphrase: string): PassphraseStrength {
  const text = passphrase.normalize('NFC');
  const characters = Array.from(text);
  if (characters.length === 0) return 'empty';
  if (characters.length < MIN_PASSPHRASE_CHARACTERS) return 'too-short';
  if (new TextEncoder().encode(text).length > MAX_PASSPHRASE_BYTES) return 'too-long';
  return isWeak(characters, text.toLowerCase()) ? 'weak' : 'fair';
}

function isWeak(characters: readonly string[], text: string): boolean {
  if (new Set(characters).size < MIN_DIFFERENT) return true;
  if (/^[\p{N}\p{P}]+$/u.test(text) && characters.length < MIN_DIGITS) return true;
  if (/^\p{L}+$/u.test(text) && characters.length < MIN_LETTERS_OF_ONE_WORD) return true;
  return usual.test(text) || isRun(characters);
}

/** `12345678`, `hgfedcba`, `aabbccdd`: most characters stand where the one before says. */
function isRun(characters: readonly string[]): boolean {
  const codes = characters.map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).filter((code, i) => Math.abs(code - (codes[i] ?? 0)) <= 1);
  return steps.length * 4 >= (codes.length - 1) * 3;
}
