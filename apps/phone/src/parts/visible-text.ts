/** A stretch of a text: shown as it is, named by its code point, or a letter that is not plain ASCII. */
export interface VisiblePart {
  readonly is: 'text' | 'control' | 'foreign';
  readonly text: string;
}

/**
 * Controls, format characters (bidirectional marks, zero-width), whatever else takes no room (variation selectors, tags,
 * fillers), separators, private use and lone surrogates.
 */
const HIDDEN = String.raw`[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Co}\p{Cs}\u2800]|(?! )\p{Zs}`;
/** The sign that has an emoji drawn in colour shows in what stands before it (UTS #51). */
const COLOUR = String.raw`(?<=[\p{Extended_Pictographic}\u{1F3FB}-\u{1F3FF}#*0-9\u200D])\uFE0F`;
/** In prose emoji may be joined too. */
const JOINED = String.raw`(?<=[\p{Extended_Pictographic}\u{1F3FB}-\u{1F3FF}]|\uFE0F)\u200D`;
const hidden = new RegExp(`(?!${COLOUR})(?:${HIDDEN})`, 'gu');
/** The same in prose, where lines end and tabs stand. */
const hiddenInProse = new RegExp(String.raw`(?![\n\t]|${COLOUR}|${JOINED})(?:${HIDDEN})`, 'gu');

function nameOf(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Cuts a text at what `pattern` finds, and names that. */
function split(text: string, pattern: RegExp): VisiblePart[] {
  const parts: VisiblePart[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (index > at) parts.push({ is: 'text', text: text.slice(at, index) });
    parts.push({ is: 'control', text: nameOf(found) });
    at = index + found.length;
  }
  if (at < text.length) parts.push({ is: 'text', text: text.slice(at) });
  return parts;
}

/** Splits a literal so that nothing in it is invisible or reorders what stands around it (Unicode TR 36 and 39). */
export function visibleParts(text: string): VisiblePart[] {
  return split(text, hidden).flatMap((part) => {
    if (part.is === 'control') return [part];
    return (part.text.match(/[\0-~]+|[^\0-~]+/gu) ?? []).map((piece): VisiblePart => {
      return { is: (piece.codePointAt(0) ?? 0) > 0x7e ? 'foreign' : 'text', text: piece };
    });
  });
}

/** The same for what people write in sentences: lines, tabs and letters of any script are what they are. */
export function visibleProse(text: string): VisiblePart[] {
  return split(text, hiddenInProse);
}

/** Where the first hidden character of a prose text stands, or -1. */
export function findHidden(text: string): number {
  return text.search(hiddenInProse);
}
