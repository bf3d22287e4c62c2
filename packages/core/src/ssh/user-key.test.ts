import { describe, expect, test } from 'vitest';
import { concat, fromBase64Url, fromHex, toHex } from '@palmkey/envelope';
import { readPage } from '../../../../vectors/page.ts';
import type { PlainKey, UserKeyAlgorithm } from './index.ts';
import {
  agentFlagsFit,
  encodeSshSignature,
  parsePublicKey,
  parseSshSignature,
  parseUserauth,
  plainKeyBlob,
  SshFormatError,
  SshWriter,
  userKeyAlgorithm,
  verifyUserSignature,
  webHostKeyVerifier,
} from './index.ts';

interface Vectors {
  readonly userKeys: {
    readonly valid: { name: string; algorithm: UserKeyAlgorithm; blob: string }[];
    readonly invalid: { name: string; blob: string }[];
  };
  readonly userSignatures: {
    readonly valid: { algorithm: UserKeyAlgorithm; raw: string; blob: string }[];
    readonly invalid: { algorithm: UserKeyAlgorithm; raw: string }[];
  };
  readonly userauth: { readonly invalid: { name: string; data: string }[] };
}
const vectors = readPage('ssh') as Vectors;
const fromUrl = (text: string | undefined) => fromBase64Url(text ?? '');

const rsa = (bits: number, hash: string) =>
  ({ name: 'RSASSA-PKCS1-v1_5', hash, modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) }) as const;

/** A pair of keys as the phone makes them. */
function makePair(algorithm: UserKeyAlgorithm) {
  switch (algorithm) {
    case 'ssh-ed25519':
      return crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    case 'ecdsa-sha2-nistp256':
      return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    case 'rsa-sha2-512':
      return crypto.subtle.generateKey(rsa(3072, 'SHA-512'), false, ['sign', 'verify']);
  }
}

/** A user key as WebCrypto makes it, and how it signs. */
async function made(algorithm: UserKeyAlgorithm) {
  const { publicKey, privateKey } = await makePair(algorithm);
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  const key = (): PlainKey => {
    switch (algorithm) {
      case 'ssh-ed25519':
        return { kind: 'ed25519', publicKey: fromUrl(jwk.x) };
      case 'ecdsa-sha2-nistp256':
        return { kind: 'ecdsa', curve: 'nistp256', point: concat(Uint8Array.of(4), fromUrl(jwk.x), fromUrl(jwk.y)) };
      case 'rsa-sha2-512':
        return { kind: 'rsa', exponent: fromUrl(jwk.e), modulus: fromUrl(jwk.n), bits: 3072 };
    }
  };
  const use = { name: privateKey.algorithm.name, hash: 'SHA-256' };
  const sign = async (data: Uint8Array) =>
    encodeSshSignature(algorithm, new Uint8Array(await crypto.subtle.sign(use, privateKey, new Uint8Array(data))));
  return { blob: plainKeyBlob(key()), sign };
}

describe('userKeyAlgorithm', () => {
  test.each(vectors.userKeys.valid)('knows $name', ({ algorithm, blob }) => {
    expect(userKeyAlgorithm(fromHex(blob))).toBe(algorithm);
  });
  test.each(vectors.userKeys.invalid)('has none for $name', ({ blob }) => {
    expect(userKeyAlgorithm(fromHex(blob))).toBeNull();
  });
  test('has none for a key cut short', () => {
    for (const { blob } of vectors.userKeys.valid) {
      const bytes = fromHex(blob);
      for (let end = 0; end < bytes.length; end++) expect(userKeyAlgorithm(bytes.slice(0, end))).toBeNull();
    }
  });
});

test('agentFlagsFit: RSA by SHA-512 alone, others without flags', () => {
  const fitting = (algorithm: UserKeyAlgorithm) =>
    [...Array(16).keys(), 0x8000_0004, 0xffff_ffff].filter((flags) => agentFlagsFit(algorithm, flags));
  expect(fitting('rsa-sha2-512')).toEqual([4, 6]);
  expect(fitting('ssh-ed25519')).toEqual([0]);
  expect(fitting('ecdsa-sha2-nistp256')).toEqual([0]);
});

describe('encodeSshSignature', () => {
  test.each(vectors.userSignatures.valid)('$algorithm: $raw', ({ algorithm, raw, blob }) => {
    const encoded = encodeSshSignature(algorithm, fromHex(raw));
    expect(toHex(encoded)).toBe(blob);
    expect(parseSshSignature(encoded).algorithm).toBe(algorithm);
  });
  test.each(vectors.userSignatures.invalid)('$algorithm: refuses $raw', ({ algorithm, raw }) => {
    expect(() => encodeSshSignature(algorithm, fromHex(raw))).toThrow(SshFormatError);
  });
});

test.each([
  ['an RSA key with SHA-256', /rsa-sha2-256/],
  ['an RSA key with SHA-1', /SHA-1/],
])('parseUserauth refuses %s by name', (name, message) => {
  const data = fromHex(vectors.userauth.invalid.find((vector) => vector.name === name)!.data);
  expect(() => parseUserauth(data)).toThrow(message);
});

describe.each(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512'] as const)(
  'verifyUserSignature: %s',
  (algorithm) => {
    const message = new TextEncoder().encode('a message');
    test('takes what a WebCrypto key signs, and no other key, message or spelling', async () => {
      const [key, other] = [await made(algorithm), await made(algorithm)];
      expect(userKeyAlgorithm(key.blob)).toBe(algorithm);
      const signature = await key.sign(message);
      expect(await verifyUserSignature(webHostKeyVerifier, key.blob, signature, message)).toBe(true);
      expect(await verifyUserSignature(webHostKeyVerifier, other.blob, signature, message)).toBe(false);
      expect(await verifyUserSignature(webHostKeyVerifier, key.blob, signature, message.slice(1))).toBe(false);
      expect(await verifyUserSignature(webHostKeyVerifier, key.blob, signature.slice(0, -1), message)).toBe(false);
      const named = new SshWriter().name('rsa-sha2-256').string(parseSshSignature(signature).signature).done();
      expect(await verifyUserSignature(webHostKeyVerifier, key.blob, named, message)).toBe(false);
    });
  },
);

test('verifyUserSignature: an RSA signature by SHA-256, and a key that is too short for a user, verify nothing', async () => {
  for (const [bits, hash, algorithm] of [
    [3072, 'SHA-256', 'rsa-sha2-256'],
    [2048, 'SHA-512', 'rsa-sha2-512'],
  ] as const) {
    const pair = await crypto.subtle.generateKey(rsa(bits, hash), false, ['sign', 'verify']);
    const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey);
    const blob = plainKeyBlob({ kind: 'rsa', exponent: fromUrl(jwk.e), modulus: fromUrl(jwk.n), bits });
    const message = Uint8Array.of(1, 2, 3);
    const raw = new Uint8Array(await crypto.subtle.sign({ name: 'RSASSA-PKCS1-v1_5' }, pair.privateKey, message));
    const signature = new SshWriter().name(algorithm).string(raw).done();
    expect(await webHostKeyVerifier(parsePublicKey(blob).key, parseSshSignature(signature), message)).toBe(true);
    expect(await verifyUserSignature(webHostKeyVerifier, blob, signature, message)).toBe(false);
  }
});
