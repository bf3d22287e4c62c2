import { wordlist } from '@scure/bip39/wordlists/english.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedRandom } from '../testing/fixed-keys.ts';
import { completions, isWord, nearWords, WORD_COUNT } from './word-list.ts';
import { chooseWords, parseTyped, parseWords, WordsError } from './words.ts';

const eight = 'abandon ability able about above absent absorb abstract';
const errorOf = (text: string): WordsError => {
  try {
    parseTyped(text);
  } catch (error) {
    if (error instanceof WordsError) return error;
    throw error;
  }
  throw new Error('taken');
};

describe('parseTyped', () => {
  it.each([
    ['a number and three words', '42 zoo zone zero', { suite: 'kex3', number: 42, words: 'zoo zone zero' }],
    ['eight words', eight, { suite: 'kex2-v1', words: eight }],
    ['eight words and four', `${eight} four`, { suite: 'kex2-v1', words: `${eight} four` }],
    ['nine words', `${eight} absurd`, { suite: 'kex2-v2', words: `${eight} absurd` }],
  ] as const)('takes %s, and knows the suite by them', (_, text, secret) => {
    expect(parseTyped(text)).toEqual(secret);
    expect(parseTyped(`\t${text.toUpperCase().replaceAll(' ', ' \n\u00a0 ')}  `)).toEqual(secret);
  });

  it.each([
    ['nothing', '', [8, 9]],
    ['three words without a number', 'zoo zone zero', [8, 9]],
    ['seven words', eight.slice(0, -9), [8, 9]],
    ['ten words', `${eight} absurd abuse`, [8, 9]],
    ['a number and two words', '1 zoo zone', [3]],
    ['a number and four words', '1 zoo zone zero zoo', [3]],
    ['a number and eight words', `1 ${eight}`, [3]],
    ['a number beyond 32 bits', '4294967296 zoo zone zero', [3]],
    ['a negative number', '-1 zoo zone zero', [8, 9]],
    ['more than any secret', `${eight} `.repeat(20), [8, 9]],
  ] as const)('refuses %s, and says how many words would do', (_, text, wanted) => {
    const error = errorOf(text);
    expect([error.code, error.wanted]).toEqual(['wrong-word-count', wanted]);
  });

  it('names every word that is not in the list, with words that are near', () => {
    const { code, unknown } = errorOf('7 zoo zoen xxxxxxxx');
    expect(code).toBe('unknown-word');
    expect(unknown.map(({ index, typed }) => [index, typed])).toEqual([
      [1, 'zoen'],
      [2, 'xxxxxxxx'],
    ]);
    expect(unknown[0]!.near).toContain('zone');
    expect(unknown[1]!.near).toEqual([]);
  });

  it('takes four only as the ninth word', () => {
    expect(errorOf(eight.replace('able', 'four')).unknown.map(({ index }) => index)).toEqual([2]);
    expect(errorOf('4 four zoo zone').unknown.map(({ index }) => index)).toEqual([0]);
  });

  it('keeps what was typed out of everything that a log prints', () => {
    const error = errorOf('7 zoo zoen zone');
    expect(JSON.stringify(error) + String(error) + Object.keys(error).join()).not.toMatch(/zoen|zoo|zone/);
  });

  it('gives a secret or a WordsError for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        try {
          parseTyped(text);
        } catch (error) {
          expect(error).toBeInstanceOf(WordsError);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('parseWords', () => {
  it('takes words in their one form alone', () => {
    expect(parseWords(eight)).toEqual({ suite: 'kex2-v1', words: eight });
    for (const other of [
      eight.toUpperCase(),
      ` ${eight}`,
      eight.replace(' ', '  '),
      `${eight} fourth`,
      '1 zoo zone zero',
    ]) {
      expect(parseWords(other), other).toBeNull();
    }
  });
});

describe('chooseWords', () => {
  it('draws 11 bits for each word, all words alike', () => {
    const bytes = new Uint8Array(2 * WORD_COUNT * 32);
    for (let i = 0; i < bytes.length / 2; i++) bytes.set([i >> 8, i & 255], 2 * i);
    const counts = new Map<string, number>();
    for (const word of chooseWords(WORD_COUNT * 32, () => bytes).split(' '))
      counts.set(word, (counts.get(word) ?? 0) + 1);
    expect(counts.size).toBe(2_048);
    expect(new Set(counts.values())).toEqual(new Set([32]));
  });

  it.each([
    [8, 'kex2-v1'],
    [9, 'kex2-v2'],
  ] as const)('gives %i words that are taken', (count, suite) => {
    const words = chooseWords(count, fixedRandom('words'));
    expect(parseTyped(words)).toEqual({ suite, words });
  });
});

describe('nearWords and completions', () => {
  it.each([
    ['abandn', 'abandon'],
    ['abadnon', 'abandon'],
    ['abandonn', 'abandon'],
    ['zeroo', 'zero'],
    ['Absnt', 'absent'],
    ['abstraction', 'abstract'],
  ])('offers, for %s, first %s', (typed, word) => {
    expect(nearWords(typed, 4)[0]).toBe(word);
  });

  it('offers the word itself first for any one slip, or another word of one slip', () => {
    fc.assert(
      fc.property(fc.constantFrom(...wordlist), fc.nat(), fc.constantFrom('cut', 'double'), (word, n, slip) => {
        const at = n % word.length;
        const typed =
          slip === 'cut'
            ? word.slice(0, at) + word.slice(at + 1)
            : word.slice(0, at) + word.slice(at, at + 1) + word.slice(at);
        expect(nearWords(typed, 64)).toContain(word);
      }),
      { numRuns: 40 },
    );
  });

  it('completes what was typed, and offers nothing for nothing', () => {
    expect(completions('Aba', 5)).toEqual(['abandon']);
    expect(completions('ab', 3)).toEqual(['abandon', 'ability', 'able']);
    expect([
      completions('', 5),
      completions('q'.repeat(1_000), 5),
      nearWords('', 5),
      nearWords('q'.repeat(1_000), 5),
    ]).toEqual([[], [], [], []]);
  });

  it('knows the list', () => {
    expect([isWord('zoo'), isWord('four'), isWord('Zoo'), isWord('')]).toEqual([true, false, false, false]);
  });
});
