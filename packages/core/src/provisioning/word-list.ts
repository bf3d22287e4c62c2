import { wordlist } from '@scure/bip39/wordlists/english.js';

const words: ReadonlySet<string> = new Set(wordlist);
/** Longer than what anybody types for a word: its distance to words is not computed. */
const MAX_TYPED_CHARACTERS = 24;
const MAX_DISTANCE = 2;
/** The list's words differ within their first four letters. */
const TELLING_LETTERS = 4;

/** How many words {@link wordAt} knows: 2^11. */
export const WORD_COUNT = wordlist.length;

/** The word at a place of BIP39's English list, from 0 to 2,047. Throws RangeError beyond. */
export function wordAt(index: number): string {
  const word = wordlist[index];
  if (word === undefined) throw new RangeError('no word at this place');
  return word;
}

/** Whether the text is a word of the list, in lower case. */
export function isWord(text: string): boolean {
  return words.has(text);
}

/** The words that begin so, in the list's order, at most `limit`: for a field that completes what is typed. */
export function completions(prefix: string, limit: number): readonly string[] {
  if (prefix === '' || prefix.length > MAX_TYPED_CHARACTERS) return [];
  const typed = prefix.toLowerCase();
  return wordlist.filter((word) => word.startsWith(typed)).slice(0, limit);
}

/**
 * The words that somebody may have meant, the likeliest first, at most `limit`: those of at most two slips (a letter too
 * many, too few or another, or two exchanged), and the one with the same first four letters.
 */
export function nearWords(typed: string, limit: number): readonly string[] {
  if (typed === '' || typed.length > MAX_TYPED_CHARACTERS) return [];
  const text = typed.toLowerCase();
  const start = text.slice(0, TELLING_LETTERS);
  return wordlist
    .map((word) => ({
      word,
      distance: distanceOf(text, word),
      sameStart: text.length >= TELLING_LETTERS && word.startsWith(start),
    }))
    .filter(({ distance, sameStart }) => distance <= MAX_DISTANCE || sameStart)
    .sort((a, b) => rank(a.distance) - rank(b.distance) || Number(b.sameStart) - Number(a.sameStart))
    .slice(0, limit)
    .map(({ word }) => word);
}

/** Optimal string alignment (insertions, deletions, replacements, exchanges of neighbours); Infinity where it is too much. */
function distanceOf(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}

/** Beyond {@link MAX_DISTANCE} all are alike. */
function rank(distance: number): number {
  return Math.min(distance, MAX_DISTANCE + 1);
}
