import { fromHex, isWellFormedSignature, type Signature, type SigningPublicKey } from '@palmkey/envelope';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { decodeCanonical, encodeCanonical } from './canonical.ts';
import { webPrimitives } from './web-primitives.ts';

interface Encoding {
  valid: { value: unknown; bytes: string }[];
  validBytes: { length: number; bytes: string }[];
  invalid: { name: string; bytes: string; code: string }[];
}
interface Signed {
  name: string;
  publicKey: string;
  message: string;
  signature: string;
}

describe('vectors/encoding.json', () => {
  const page = readPage('encoding') as Encoding;
  const decode = (hex: string) => decodeCanonical(fromHex(hex), v.unknown(), 10_000);

  it.each(page.valid)('$bytes is $value', ({ value, bytes }) => {
    expect(decode(bytes)).toEqual(value);
    expect(encodeCanonical(value)).toEqual(fromHex(bytes));
  });

  it.each(page.validBytes)('$length bytes', ({ length, bytes }) => {
    expect(decode(bytes)).toEqual(new Uint8Array(length));
  });

  it.each(page.invalid)('refuses $name', ({ bytes, code }) => {
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ code }));
  });
});

describe('vectors/ed25519.json', () => {
  const page = readPage('ed25519') as { valid: Signed[]; invalid: Signed[] };
  const judge = async ({ publicKey, message, signature }: Signed) => {
    const key = fromHex(publicKey) as Uint8Array as SigningPublicKey;
    const bytes = fromHex(signature) as Uint8Array as Signature;
    return isWellFormedSignature(key, bytes) && (await webPrimitives.verify(key, fromHex(message), bytes));
  };

  it.each(page.valid)('holds for $name', async (vector) => {
    expect(await judge(vector)).toBe(true);
  });

  it.each(page.invalid)('does not hold for $name', async (vector) => {
    expect(await judge(vector)).toBe(false);
  });
});
