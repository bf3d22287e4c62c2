const CHECKED_WORDS = 3;

/** Which words are asked for, ascending from 0: three different ones. `below(n)` gives a number from 0 to n − 1. */
export function chooseChecked(count: number, below: (limit: number) => number): readonly number[] {
  const left = Array.from({ length: count }, (_, index) => index);
  const chosen = Array.from({ length: Math.min(CHECKED_WORDS, count) }, () => left.splice(below(left.length), 1));
  return chosen.flat().toSorted((a, b) => a - b);
}
