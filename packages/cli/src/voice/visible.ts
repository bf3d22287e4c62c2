/** Characters that move the cursor, hide text or turn its direction: C0 and C1 controls, bidirectional formatting, zero widths. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text of others as a terminal may show it: what could act or hide stands there as `\u{…}`, the rest as it is. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
