/** In Node alone: the app's content security policy lets no page run WebAssembly. */
import { scryptSync } from 'node:crypto';
import { fromHex, toHex } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { webPrimitives } from '../crypto/index.ts';
import { wasmScrypt } from '../scrypt/index.ts';
import { lockKeyFile, newPassphraseStream, stretchPassphrase, unlockKeyFile } from './index.ts';

interface Page {
  passphrases: {
    passphrase: string;
    generation: number;
    salt: string;
    stream: string;
    contents: string;
    locked: string;
  }[];
  samePassphrases: [string, string][];
  otherPassphrases: [string, string][];
}
const page = readPage('members') as Page;
const first = page.passphrases[0]!;
const salt = fromHex(first.salt);
const stretched = async (passphrase: string) => toHex((await stretchPassphrase(wasmScrypt, passphrase, 1, salt)).bytes);

describe('vectors/members.json: a passphrase', () => {
  it.each(page.passphrases)('"$passphrase" gives its stream, as OpenSSL makes it', async (it) => {
    const { bytes } = await stretchPassphrase(wasmScrypt, it.passphrase, it.generation, fromHex(it.salt));
    expect(toHex(bytes)).toBe(it.stream);
    const oracle = scryptSync(Buffer.from(it.passphrase.normalize('NFC'), 'utf8'), fromHex(it.salt), 128, {
      N: 32_768,
      r: 8,
      p: 1,
      maxmem: 64 * 1024 * 1024,
    });
    expect(oracle.toString('hex')).toBe(it.stream);
  });

  it.each(page.passphrases)('"$passphrase" opens what it locks', async (it) => {
    const { contents, stream } = await unlockKeyFile(wasmScrypt, it.passphrase, fromHex(it.locked));
    expect(toHex(contents)).toBe(it.contents);
    expect(toHex(stream.bytes)).toBe(it.stream);
    expect(stream.generation).toBe(it.generation);
  });

  it.each(page.samePassphrases)('"%s" is "%s"', async (one, other) => {
    expect(await stretched(one)).toBe(await stretched(other));
  });

  it.each(page.otherPassphrases)('"%s" is not "%s"', async (one, other) => {
    expect(await stretched(one)).not.toBe(await stretched(other));
  });
});

describe('unlockKeyFile', () => {
  it.each(['', 'correct horse battery stapl', 'correct horse battery staple '])('refuses "%s"', async (wrong) => {
    await expect(unlockKeyFile(wasmScrypt, wrong, fromHex(first.locked))).rejects.toThrow(
      expect.objectContaining({ name: 'PassphraseError', code: 'wrong-passphrase' }),
    );
  });

  it('says nothing of what was typed, and wipes what it made of it', async () => {
    let made: Uint8Array = salt;
    const scrypt: typeof wasmScrypt = async (...asked) => (made = await wasmScrypt(...asked));
    const failed = unlockKeyFile(scrypt, 'secret word', fromHex(first.locked));
    await expect(failed).rejects.toThrow(/^(?!.*secret)/);
    expect(toHex(made)).toBe('00'.repeat(128));
  });

  it('spends no time on bytes that are no locked file', async () => {
    const never = () => Promise.reject(new RangeError('scrypt was asked'));
    await expect(unlockKeyFile(never, 'x', fromHex('01'))).rejects.toThrow(
      expect.objectContaining({ code: 'bad-format' }),
    );
  });
});

it('newPassphraseStream has a new salt each time', async () => {
  const made = () => newPassphraseStream(webPrimitives, wasmScrypt, first.passphrase, 7);
  const [one, other] = [await made(), await made()];
  expect(toHex(one.salt)).not.toBe(toHex(other.salt));
  const locked = lockKeyFile(webPrimitives, one, fromHex('00'));
  expect((await unlockKeyFile(wasmScrypt, first.passphrase, locked)).stream).toEqual(one);
});
