import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '@palmkey/envelope';
import { readPage } from '../../../../vectors/page.ts';
import type { SshsigHash } from './index.ts';
import {
  encodeSshsig,
  encodeSshsigData,
  parsePublicKey,
  parseSshsig,
  parseSshsigData,
  parseSshSignature,
  SshFormatError,
  webHostKeyVerifier,
} from './index.ts';

interface Vectors {
  readonly sshsigData: Record<'valid' | 'invalid', { name: string; data: string }[]>;
  readonly sshsig: {
    readonly message: string;
    readonly valid: { name: string; key: string; namespace: string; hash: SshsigHash; armoured: string }[];
    readonly invalid: { name: string; armoured: string }[];
  };
}
const { sshsigData, sshsig } = readPage('ssh') as Vectors;

describe('SSHSIG data', () => {
  test.each(sshsigData.valid)('$name: there and back; no truncation, no byte more', ({ data }) => {
    const bytes = fromHex(data);
    expect(toHex(encodeSshsigData(parseSshsigData(bytes)))).toBe(data);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => parseSshsigData(bytes.slice(0, end))).toThrow(SshFormatError);
    }
    expect(() => parseSshsigData(concat(bytes, Uint8Array.of(0)))).toThrow(SshFormatError);
  });
  test.each(sshsigData.invalid)('refuses $name', ({ data }) => {
    expect(() => parseSshsigData(fromHex(data))).toThrow(SshFormatError);
  });
  test('what is written is read', () => {
    const hash = fc.constantFrom('sha256' as const, 'sha512' as const);
    const namespace = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(namespace, hash, fc.uint8Array({ minLength: 64, maxLength: 64 }), (name, by, bytes) => {
        const data = { namespace: name, hash: by, digest: bytes.slice(0, by === 'sha256' ? 32 : 64) };
        expect(parseSshsigData(encodeSshsigData(data))).toEqual(data);
      }),
    );
  });
  test('refuses to write what it would not read', () => {
    const digest = new Uint8Array(64);
    for (const namespace of ['', 'a\0', 'a'.repeat(256), 'ü'.repeat(128)]) {
      expect(() => encodeSshsigData({ namespace, hash: 'sha512', digest })).toThrow(SshFormatError);
    }
    expect(() => encodeSshsigData({ namespace: 'git', hash: 'sha256', digest })).toThrow(SshFormatError);
  });
});

describe('SSHSIG in its armour', () => {
  test.each(sshsig.valid)(
    'ssh-keygen, $name: byte for byte, and verifies',
    async ({ key, namespace, hash, armoured }) => {
      const parsed = parseSshsig(armoured);
      expect([toHex(parsed.publicKey), parsed.namespace, parsed.hash]).toEqual([key, namespace, hash]);
      expect(encodeSshsig(parsed)).toBe(armoured);
      const algorithm = { sha256: 'SHA-256', sha512: 'SHA-512' }[hash];
      const digest = new Uint8Array(await crypto.subtle.digest(algorithm, new Uint8Array(fromHex(sshsig.message))));
      const signed = encodeSshsigData({ namespace, hash, digest });
      const plain = parsePublicKey(parsed.publicKey).key;
      expect(await webHostKeyVerifier(plain, parseSshSignature(parsed.signature), signed)).toBe(true);
      const other = encodeSshsigData({ namespace: `${namespace}x`, hash, digest });
      expect(await webHostKeyVerifier(plain, parseSshSignature(parsed.signature), other)).toBe(false);
    },
  );
  test.each(sshsig.invalid)('refuses $name', ({ armoured }) => {
    expect(() => parseSshsig(armoured)).toThrow(SshFormatError);
  });
  test('refuses every truncation and every other character', () => {
    const { armoured } = sshsig.valid[0]!;
    for (let end = 0; end < armoured.length; end++) {
      expect(() => parseSshsig(armoured.slice(0, end))).toThrow(SshFormatError);
      const changed = `${armoured.slice(0, end)}\u00e9${armoured.slice(end + 1)}`;
      expect(() => parseSshsig(changed)).toThrow(SshFormatError);
    }
  });
});
