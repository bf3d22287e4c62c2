/** Control characters, line and paragraph separators, bidirectional formatting (UAX #9 §2), and halves of surrogate pairs. */
const UNSHOWABLE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]|\p{Surrogate}/u;
const ALL_UNSHOWABLE = new RegExp(UNSHOWABLE.source, 'gu');

/**
 * Whether a text may be shown to a person as it is (spec/devices.md, "Plain text"): nothing in it moves, hides or
 * reorders what stands beside it. `maxCharacters` counts code points.
 */
export function isPlainText(text: string, maxCharacters: number): boolean {
  if (text.length > 2 * maxCharacters || UNSHOWABLE.test(text)) return false;
  return text.length <= maxCharacters || Array.from(text).length <= maxCharacters;
}

/** The nearest {@link isPlainText plain text}: U+FFFD for what may not be shown, cut to `maxCharacters` with an ellipsis. */
export function toPlainText(text: string, maxCharacters: number): string {
  const clean = Array.from(text.slice(0, 2 * maxCharacters + 2).replace(ALL_UNSHOWABLE, '\uFFFD'));
  if (clean.length <= maxCharacters) return clean.join('');
  return clean.slice(0, maxCharacters - 1).join('') + '…';
}
