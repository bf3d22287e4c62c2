import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ascii, concat, equal, fromBase64Url, fromHex, toBase64Url, toHex } from './bytes.ts';

test('hexadecimal and base64url are as others write them, and come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const base64 = btoa(String.fromCharCode(...bytes));
      expect(toHex(bytes)).toBe(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
      expect(toBase64Url(bytes)).toBe(base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
    }),
  );
});

test('base64url takes one text for the same bytes and no other', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      let bytes;
      try {
        bytes = fromBase64Url(text);
      } catch {
        return;
      }
      expect(toBase64Url(bytes)).toBe(text);
    }),
  );
  for (const text of ['A', 'AAAAA', 'AB', 'AAB', 'AA==', 'A A', 'AA+A', 'AA/A', 'AAÄA', '\n']) {
    expect(() => fromBase64Url(text), text).toThrow(expect.objectContaining({ code: 'bad-bytes' }));
  }
});

test('hexadecimal refuses an odd length, upper case and other characters', () => {
  for (const text of ['0', 'AA', 'g0', '0x', ' 0', '٠٠']) expect(() => fromHex(text), text).toThrow();
});

test('concat joins, equal compares, ascii refuses more than ASCII', () => {
  expect(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  expect(ascii('a\0')).toEqual(Uint8Array.of(97, 0));
  expect(() => ascii('é')).toThrow();
});
