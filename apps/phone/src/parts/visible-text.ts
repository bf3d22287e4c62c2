/** A stretch of a literal: shown as it is, named by its code point, or a letter that is not plain ASCII. */
export interface VisiblePart {
  readonly is: 'text' | 'control' | 'foreign';
  readonly text: string;
}

/** Controls, format characters (bidirectional marks, zero-width), separators, private use and lone surrogates. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]|(?! )\p{Zs}/u;

function kindOf(char: string): VisiblePart['is'] {
  if (hidden.test(char)) return 'control';
  return (char.codePointAt(0) ?? 0) > 0x7e ? 'foreign' : 'text';
}

function nameOf(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Splits a text so that nothing in it is invisible or reorders what stands around it (Unicode TR 36 and 39). */
export function visibleParts(text: string): VisiblePart[] {
  const parts: VisiblePart[] = [];
  for (const char of text) {
    const is = kindOf(char);
    const last = parts.at(-1);
    if (is === 'control') parts.push({ is, text: nameOf(char) });
    else if (last?.is === is) parts[parts.length - 1] = { is, text: last.text + char };
    else parts.push({ is, text: char });
  }
  return parts;
}
