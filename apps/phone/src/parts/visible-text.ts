/** A stretch of a text: shown as it is, named by its code point, or a letter that is not plain ASCII. */
export interface VisiblePart {
  readonly is: 'text' | 'control' | 'foreign';
  readonly text: string;
}

/** Controls, format characters (bidirectional marks, zero-width), separators, private use and lone surrogates. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]|(?! )\p{Zs}/u;
/** The same in prose, where lines end and tabs stand. */
const hiddenInProse = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]|(?! )\p{Zs}/u;

function nameOf(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function split(text: string, kindOf: (char: string) => VisiblePart['is']): VisiblePart[] {
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

/** Splits a literal so that nothing in it is invisible or reorders what stands around it (Unicode TR 36 and 39). */
export function visibleParts(text: string): VisiblePart[] {
  return split(text, (char) => {
    if (hidden.test(char)) return 'control';
    return (char.codePointAt(0) ?? 0) > 0x7e ? 'foreign' : 'text';
  });
}

/** The same for what people write in sentences: lines, tabs and letters of any script are what they are. */
export function visibleProse(text: string): VisiblePart[] {
  return split(text, (char) => (hiddenInProse.test(char) ? 'control' : 'text'));
}

/** Where the first hidden character of a prose text stands, or -1. */
export function findHidden(text: string): number {
  return text.search(hiddenInProse);
}
