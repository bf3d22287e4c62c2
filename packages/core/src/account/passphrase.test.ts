/** With streams that are there already, so that it runs where scrypt may not. */
import { concat, fromHex, toHex } from '@palmkey/envelope';
import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { webPrimitives } from '../crypto/index.ts';
import {
  encodePassphraseStream,
  keyFileKey,
  lockKeyFile,
  MAX_PASSPHRASE_BYTES,
  openKeyFile,
  parseLockedKeyFile,
  parsePassphraseStream,
  passphraseStrength,
  wipePassphraseStream,
} from './index.ts';

interface Page {
  passphrases: Record<'salt' | 'stream' | 'key' | 'carried' | 'contents' | 'locked', string>[];
  invalidLocks: { name: string; code: string; locked: string }[];
  invalidCarried: { name: string; carried: string }[];
  strengths: Record<string, string[]>;
}
const page = readPage('members') as Page;
const first = page.passphrases[0]!;
const stream = () => parsePassphraseStream(fromHex(first.carried));
const code = (wanted: string) => expect.objectContaining({ name: 'PassphraseError', code: wanted }) as Error;

beforeAll(async () => {
  await sodium.ready;
});

describe('vectors/members.json: a locked key file', () => {
  it.each(page.passphrases)('opens under its stream, and under libsodium', (it) => {
    const carried = parsePassphraseStream(fromHex(it.carried));
    expect(toHex(carried.bytes)).toBe(it.stream);
    expect(toHex(keyFileKey(carried))).toBe(it.key);
    expect(it.stream.slice(128, 192)).toBe(it.key);
    expect(toHex(encodePassphraseStream(carried))).toBe(it.carried);
    expect(toHex(openKeyFile(carried, fromHex(it.locked)))).toBe(it.contents);
    const locked = fromHex(it.locked);
    expect(toHex(locked.subarray(5, 21))).toBe(it.salt);
    const opened = sodium.crypto_secretbox_open_easy(locked.subarray(45), locked.subarray(21, 45), fromHex(it.key));
    expect(toHex(opened)).toBe(it.contents);
  });

  it.each(page.invalidLocks)('does not open: $name', ({ code: wanted, locked }) => {
    expect(() => openKeyFile(stream(), fromHex(locked))).toThrow(code(wanted));
  });

  it.each(page.invalidCarried)('$name is no carried stream', ({ carried }) => {
    expect(() => parsePassphraseStream(fromHex(carried))).toThrow(code('bad-format'));
  });

  it('opens with no bit changed and cut off at no byte', () => {
    const locked = fromHex(first.locked);
    for (let at = 0; at < locked.length; at++) {
      expect(() =>
        openKeyFile(
          stream(),
          locked.map((byte, i) => (i === at ? byte ^ 1 : byte)),
        ),
      ).toThrow(expect.objectContaining({ name: 'PassphraseError' }));
      expect(() => openKeyFile(stream(), locked.subarray(0, at))).toThrow(
        expect.objectContaining({ name: 'PassphraseError' }),
      );
    }
  });
});

describe('lockKeyFile', () => {
  it('makes what openKeyFile opens, of any contents, and says which passphrase it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (contents) => {
        const locked = lockKeyFile(webPrimitives, stream(), contents);
        expect(openKeyFile(stream(), locked)).toEqual(contents);
        expect(parseLockedKeyFile(locked)).toMatchObject({ generation: 1, salt: fromHex(first.salt) });
      }),
      { numRuns: 30 },
    );
  });

  it('makes other bytes each time', () => {
    const contents = fromHex(first.contents);
    const made = () => toHex(lockKeyFile(webPrimitives, stream(), contents));
    expect(made()).not.toBe(made());
  });

  it('does not open once its stream was wiped', () => {
    const own = stream();
    const locked = lockKeyFile(webPrimitives, own, fromHex(first.contents));
    wipePassphraseStream(own);
    expect(toHex(own.bytes)).toBe('00'.repeat(128));
    expect(() => openKeyFile(own, locked)).toThrow(code('wrong-passphrase'));
  });
});

describe('passphraseStrength', () => {
  it.each(
    Object.entries(page.strengths).flatMap(([strength, texts]) => texts.map((text) => [strength, text] as const)),
  )('is %s for "%s"', (strength, text) => {
    expect(passphraseStrength(text)).toBe(strength);
  });

  it('takes as many bytes as are allowed, and not one more', () => {
    const long = 'x1 y2 z3'.repeat(MAX_PASSPHRASE_BYTES / 8);
    expect([passphraseStrength(long), passphraseStrength(`${long}d`)]).toEqual(['fair', 'too-long']);
  });

  it('judges whatever is typed', () => {
    const strengths = ['empty', 'too-short', 'too-long', 'weak', 'fair'];
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => strengths.includes(passphraseStrength(text))));
  });
});

it('parsePassphraseStream takes bytes of its own', () => {
  const carried = concat(fromHex(first.carried));
  const parsed = parsePassphraseStream(carried);
  carried.fill(0);
  expect(toHex(parsed.bytes)).toBe(first.stream);
});
