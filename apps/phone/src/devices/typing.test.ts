import { describe, expect, test } from 'vitest';
import { completed, corrected, lookAtTyping } from './typing.ts';

describe('lookAtTyping', () => {
  test('offers words for the one that is being typed', () => {
    expect(lookAtTyping('12 apple riv')).toEqual({ count: 3, offers: ['rival', 'river'], wrong: null });
  });
  test('offers nothing once the word can only be that', () => {
    expect(lookAtTyping('river').offers).toEqual([]);
    expect(lookAtTyping('river ').offers).toEqual([]);
  });
  test('offers longer words for a word that begins another', () => {
    expect(lookAtTyping('act').offers).toEqual(['act', 'action', 'actor', 'actress']);
  });
  test('names a finished word that is not in the list, and what may be meant', () => {
    const { wrong } = lookAtTyping('apple rivre ');
    expect(wrong).toMatchObject({ index: 1, typed: 'rivre' });
    expect(wrong?.near).toContain('river');
  });
  test('leaves an unfinished word alone', () => expect(lookAtTyping('apple rivr').wrong).toBeNull());
  test('takes a number before all words, and nowhere else', () => {
    expect(lookAtTyping('12 apple ').wrong).toBeNull();
    expect(lookAtTyping('apple 12 ').wrong).toMatchObject({ index: 1, near: [] });
  });
  test('takes `four` as the ninth word alone', () => {
    const eight = 'apple '.repeat(8);
    expect(lookAtTyping(`${eight}four `).wrong).toBeNull();
    expect(lookAtTyping('four ').wrong).toMatchObject({ index: 0 });
  });
  test('counts capitals and any white space as nothing', () => {
    expect(lookAtTyping(' Apple\n RIVER\t')).toEqual({ count: 2, offers: [], wrong: null });
  });
});

test('completed puts the whole word and a space at the end', () => {
  expect(completed('12 apple riv', 'river')).toBe('12 apple river ');
});
test('corrected replaces that word alone', () => {
  expect(corrected('apple  rivre stone rivre', 1, 'river')).toBe('apple  river stone rivre');
});
