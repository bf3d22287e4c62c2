/** In Node alone: the app's content security policy lets no page run WebAssembly. */
import { ascii, fromHex, toHex } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { wasmScrypt } from './wasm-scrypt.ts';

describe('wasmScrypt', () => {
  it('gives the third vector of RFC 7914, section 12', async () => {
    const key = await wasmScrypt(ascii('pleaseletmein'), ascii('SodiumChloride'), 16_384, 64);
    expect(toHex(key)).toBe(
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    );
  });

  it('takes an empty salt, and gives as many bytes as are asked for', async () => {
    const short = await wasmScrypt(ascii('p'), new Uint8Array(0), 2, 32);
    const long = await wasmScrypt(ascii('p'), new Uint8Array(0), 2, 128);
    expect([short.length, long.length]).toEqual([32, 128]);
    expect(long.slice(0, 32)).toEqual(short);
    expect(long).not.toEqual(await wasmScrypt(ascii('p'), fromHex('00'), 2, 128));
  });
});
