import { PalmkeyError } from '@palmkey/envelope';
import { isWord, nearWords, WORD_COUNT, wordAt } from './word-list.ts';

/** The ninth word that makes the stretching of eight cheap; not of the list (spec/provisioning.md, "Suites"). */
export const CHEAP_WORD = 'four';
/** The highest number that a relay gives: a u32 (spec/relay.md, "Orders of a device"). */
const MAX_NUMBER = 0xffff_ffff;
/** Longer than any secret. */
const MAX_TYPED_CHARACTERS = 256;
const NEAR_WORDS = 4;

/** The suites whose words carry the key themselves. */
export type Kex2Suite = 'kex2-v1' | 'kex2-v2';

/** What a person entered by hand. `words` are in lower case, joined by one space. */
export type TypedSecret =
  | { readonly suite: 'kex3'; readonly number: number; readonly words: string }
  | { readonly suite: Kex2Suite; readonly words: string };

/** A typed word that is not in the list. */
export interface UnknownWord {
  /** Which word it is, from 0; a number before the words does not count. */
  readonly index: number;
  readonly typed: string;
  /** Words of the list that may be meant, the likeliest first, at most 4. */
  readonly near: readonly string[];
}

/**
 * What was typed is no secret: `unknown-word`, or `wrong-word-count`, where the form fits no suite. The message holds
 * nothing of what was typed, nor does anything that a log would print of the error.
 */
export class WordsError extends PalmkeyError {
  override readonly name = 'WordsError';
  readonly code: 'unknown-word' | 'wrong-word-count';
  /** For `wrong-word-count`: how many words would do. */
  readonly wanted: readonly number[];
  readonly #unknown: readonly UnknownWord[];

  constructor(code: 'unknown-word' | 'wrong-word-count', unknown: readonly UnknownWord[], wanted: readonly number[]) {
    super(`words: ${code}`);
    this.code = code;
    this.wanted = wanted;
    this.#unknown = unknown;
  }

  /** For `unknown-word`: which. */
  get unknown(): readonly UnknownWord[] {
    return this.#unknown;
  }
}

/** So many random words of the list, 11 bits each, joined by one space. */
export function chooseWords(count: number, randomBytes: (length: number) => Uint8Array): string {
  const bytes = randomBytes(2 * count);
  const words: string[] = [];
  for (let i = 0; i < count; i++)
    words.push(wordAt((((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)) % WORD_COUNT));
  return words.join(' ');
}

/**
 * Reads what was typed, in any case and with any white space; its form alone says which suite it is: a number and three
 * words, eight words, eight and `four`, or nine. Throws {@link WordsError}.
 */
export function parseTyped(text: string): TypedSecret {
  const tokens = text.length <= MAX_TYPED_CHARACTERS ? text.trim().toLowerCase().split(/\s+/) : [];
  const [first = '', ...rest] = tokens;
  if (/^\d{1,10}$/.test(first)) {
    const number = Number(first);
    if (rest.length !== 3 || number > MAX_NUMBER) throw new WordsError('wrong-word-count', [], [3]);
    return { suite: 'kex3', number, words: known(rest) };
  }
  const suite = kex2SuiteOf(tokens);
  if (suite === null) throw new WordsError('wrong-word-count', [], [8, 9]);
  return { suite, words: known(tokens) };
}

/** Reads words that are in their one form already, as a QR code has them; null for any other. */
export function parseWords(words: string): { readonly suite: Kex2Suite; readonly words: string } | null {
  const tokens = words.split(' ');
  const suite = kex2SuiteOf(tokens);
  return suite !== null && unknownOf(tokens).length === 0 ? { suite, words } : null;
}

/** Whether these words are stretched cheaply. */
export function isCheap(words: string): boolean {
  const tokens = words.split(' ');
  return tokens.length === 9 && tokens[8] === CHEAP_WORD;
}

function kex2SuiteOf(tokens: readonly string[]): Kex2Suite | null {
  if (tokens.length === 8) return 'kex2-v1';
  if (tokens.length !== 9) return null;
  return tokens[8] === CHEAP_WORD ? 'kex2-v1' : 'kex2-v2';
}

function known(tokens: readonly string[]): string {
  const unknown = unknownOf(tokens);
  if (unknown.length > 0) throw new WordsError('unknown-word', unknown, []);
  return tokens.join(' ');
}

function unknownOf(tokens: readonly string[]): readonly UnknownWord[] {
  return tokens.flatMap((typed, index) => {
    if (isWord(typed) || (index === 8 && typed === CHEAP_WORD)) return [];
    return [{ index, typed, near: nearWords(typed, NEAR_WORDS) }];
  });
}
