import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findHidden, visibleParts, visibleProse } from './visible-text.ts';

describe('visibleParts', () => {
  test('leaves plain text in one piece', () => {
    expect(visibleParts('prod-3.example.org')).toEqual([{ is: 'text', text: 'prod-3.example.org' }]);
  });
  test('names a right-to-left override and a zero-width space', () => {
    expect(visibleParts('a\u202eb\u200b')).toEqual([
      { is: 'text', text: 'a' },
      { is: 'control', text: 'U+202E' },
      { is: 'text', text: 'b' },
      { is: 'control', text: 'U+200B' },
    ]);
  });
  test('names control characters, line ends and unusual spaces', () => {
    expect(visibleParts('\u0007\n\u00a0').map((part) => part.text)).toEqual(['U+0007', 'U+000A', 'U+00A0']);
  });
  test('sets letters that are not ASCII apart', () => {
    expect(visibleParts('ex\u0430mple')).toEqual([
      { is: 'text', text: 'ex' },
      { is: 'foreign', text: '\u0430' },
      { is: 'text', text: 'mple' },
    ]);
  });
  test('never lets a hidden character through, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visibleParts(text).map((part) => part.text);
        return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(shown.join(''));
      }),
    );
  });
  test.each([
    '\u034f',
    '\u115f',
    '\u17b4',
    '\u180b',
    '\u2060',
    '\u2800',
    '\u3164',
    '\ufe00',
    '\ufe0f',
    '\uffa0',
    '\ufff0',
    '\u{e0041}',
    '\u{e0100}',
  ])('names %j, which takes no room and is no control', (char) => {
    for (const visible of [visibleParts, visibleProse])
      expect(visible(`a${char}b`)).toEqual([
        { is: 'text', text: 'a' },
        { is: 'control', text: `U+${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}` },
        { is: 'text', text: 'b' },
      ]);
    expect(findHidden(`a${char}b`)).toBe(1);
  });
  test('leaves the colour of an emoji alone, and in prose what joins two', () => {
    expect(visibleParts('\u2764\ufe0f')).toEqual([{ is: 'foreign', text: '\u2764\ufe0f' }]);
    expect(visibleProse('\u{1f468}\u200d\u{1f4bb} \u2764\ufe0f')).toHaveLength(1);
  });
});

describe('prose', () => {
  test('keeps lines, tabs and letters of any script', () => {
    expect(visibleProse('Grüße\n\tпривет')).toEqual([{ is: 'text', text: 'Grüße\n\tпривет' }]);
  });
  test('names what hides', () => {
    expect(visibleProse('a\u202eb\rc')).toEqual([
      { is: 'text', text: 'a' },
      { is: 'control', text: 'U+202E' },
      { is: 'text', text: 'b' },
      { is: 'control', text: 'U+000D' },
      { is: 'text', text: 'c' },
    ]);
  });
  test('findHidden tells where', () => {
    expect(findHidden('ab\ncd\u200b')).toBe(5);
    expect(findHidden('ab\ncd')).toBe(-1);
  });
});
