import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceNameError, isDeviceName, parseDeviceName } from './device-name.ts';
import { isPlainText, toPlainText } from './plain-text.ts';

describe('parseDeviceName', () => {
  it.each(['a', 'Pixel 9', 'laptop', 'Ärger', '手机', '🔑 key', 'x'.repeat(64), '🔑'.repeat(63)])(
    'takes %j',
    (name) => {
      expect(parseDeviceName(name)).toBe(name);
    },
  );

  it.each([
    ['nothing', ''],
    ['65 characters', 'x'.repeat(65)],
    ['256 bytes', '🔑'.repeat(64)],
    ['a leading space', ' a'],
    ['a trailing space', 'a '],
    ['a trailing no-break space', 'a\u00A0'],
    ['a line feed', 'a\nb'],
    ['an escape', 'a\u001Bb'],
    ['a C1 control', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['a right-to-left override', 'a\u202Eb'],
    ['an isolate', 'a\u2066b'],
    ['a left-to-right mark', 'a\u200Eb'],
    ['half a surrogate pair', 'a\uD83D'],
  ])('refuses %s', (_, name) => {
    expect(() => parseDeviceName(name)).toThrow(DeviceNameError);
    expect(isDeviceName(name)).toBe(false);
  });
});

describe('toPlainText', () => {
  it('makes plain text of anything, and leaves plain text alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        const plain = toPlainText(text, max);
        expect(isPlainText(plain, max)).toBe(true);
        if (isPlainText(text, max)) expect(plain).toBe(text);
      }),
    );
    expect(toPlainText('\u001B[31mred', 20)).toBe('\uFFFD[31mred');
    expect(toPlainText('abcdef', 4)).toBe('abc…');
  });
});
