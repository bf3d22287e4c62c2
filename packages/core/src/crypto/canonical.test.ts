import { decode, encode } from '@msgpack/msgpack';
import { concat, fromHex } from '@palmkey/envelope';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { decodeCanonical, encodeCanonical } from './canonical.ts';
import { FormatError } from './errors.ts';

const anything = v.unknown();
const MAX = 10_000;
const open = (bytes: Uint8Array) => decodeCanonical(bytes, anything, MAX);
const refused = (hex: string) => () => open(fromHex(hex));

const key = fc.stringMatching(/^[a-zA-Z0-9]{1,8}$/);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('\uFEFF')),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

describe('encodeCanonical', () => {
  it('gives the same bytes whatever the order of the keys', () => {
    expect(encodeCanonical({ b: 1, a: 2, B: 3, aa: 4 })).toEqual(encodeCanonical({ aa: 4, B: 3, a: 2, b: 1 }));
    expect(encodeCanonical({ b: 1, a: 2 })).toEqual(fromHex('82a16102a16201'));
  });

  it('refuses what has no canonical form', () => {
    for (const bad of [1.5, NaN, 2 ** 53, undefined, new Date(0), new Map(), { ä: 1 }, '\uD800', '\uFEFFx', 10n]) {
      expect(() => encodeCanonical(bad)).toThrow(FormatError);
    }
  });

  it('refuses 9 levels and takes 8', () => {
    expect(open(encodeCanonical([[[[[[[1]]]]]]]))).toBeDefined();
    expect(() => encodeCanonical([[[[[[[[1]]]]]]]])).toThrow(FormatError);
  });
});

describe('decodeCanonical', () => {
  it('gives back every value that was encoded, and another library reads the same', () => {
    fc.assert(
      fc.property(value, (each) => {
        const bytes = encodeCanonical(each);
        expect(open(bytes)).toEqual(each);
        expect(decode(bytes)).toEqual(each);
      }),
    );
  });

  it('refuses every truncation and every byte too many', () => {
    const bytes = encodeCanonical({ a: [1, -200, 70_000], b: new Uint8Array(300), c: 'text', d: { e: null } });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => open(bytes.subarray(0, length))).toThrow(FormatError);
    }
    expect(() => open(concat(bytes, Uint8Array.of(0)))).toThrow(FormatError);
  });

  it('accepts a changed byte only where it is canonical again', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.integer({ min: 1, max: 255 }), (each, at, flip) => {
        const bytes = encodeCanonical(each);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        try {
          expect(encodeCanonical(open(bytes))).toEqual(bytes);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['keys out of order', '82a16201a16102'],
    ['a key twice', '82a16101a16101'],
    ['an integer in a longer form', 'cc05'],
    ['text in a longer form', 'd90161'],
    ['bytes in a longer form', 'c5000161'],
    ['a list in a longer form', 'dc000101'],
    ['a map in a longer form', 'de0001a16101'],
    ['float 64', 'cb3ff8000000000000'],
    ['float 32', 'ca3fc00000'],
    ['a float that is an integer', 'cb3ff0000000000000'],
    ['minus zero', 'cb8000000000000000'],
    ['an extension', 'd40100'],
    ['a timestamp', 'd6ff00000000'],
    ['a key that is a number', '810101'],
    ['a key that is not ASCII', '81a2c3a401'],
    ['a key without characters', '81a001'],
    ['a prototype as a key', '81a95f5f70726f746f5f5f01'],
    ['bytes that are not UTF-8 in text', 'a1ff'],
    ['half a surrogate pair in text', 'a3eda080'],
    ['an overlong form in text', 'a2c1a1'],
    ['an integer beyond 2^53', 'cf0020000000000000'],
    ['a reserved code', 'c1'],
    ['a list that claims four thousand million elements', 'ddffffffff'],
    ['a map that claims four thousand million keys', 'dfffffffff'],
    ['text that claims four thousand million bytes', 'dbffffffff'],
    ['nothing', ''],
  ])('refuses %s', (_, hex) => {
    expect(refused(hex)).toThrow(FormatError);
  });

  it('refuses deep nesting without recursion', () => {
    expect(() => open(new Uint8Array(MAX).fill(0x91))).toThrow(FormatError);
  });

  it('takes maxBytes and refuses one more before it looks inside', () => {
    const bytes = encodeCanonical('abcdef');
    expect(decodeCanonical(bytes, anything, bytes.length)).toBe('abcdef');
    expect(() => decodeCanonical(bytes, anything, bytes.length - 1)).toThrow('longer than allowed');
  });

  it('takes 256 elements and refuses 257', () => {
    expect(open(encode(new Array(256).fill(0)))).toHaveLength(256);
    expect(() => open(encode(new Array(257).fill(0)))).toThrow(FormatError);
  });

  it('refuses a structure that the schema does not have', () => {
    const schema = v.strictObject({ a: v.number() });
    expect(() => decodeCanonical(encodeCanonical({ a: 1, b: 2 }), schema, MAX)).toThrow(FormatError);
    expect(() => decodeCanonical(encodeCanonical({ a: null }), schema, MAX)).toThrow(FormatError);
  });
});
