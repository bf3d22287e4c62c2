import { parseSignature } from '@palmkey/envelope';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { fixedBytes, fixedSigner } from '../testing/fixed-keys.ts';
import type { Signer } from './ports.ts';
import { sign, verifySignature } from './signature.ts';
import { webPrimitives, webSigner } from './web-primitives.ts';

const message = new TextEncoder().encode('a message');
let signer: Signer;

beforeAll(async () => {
  await sodium.ready;
  signer = await fixedSigner(fixedBytes('signer'));
});

describe('sign', () => {
  it('gives the very signature that libsodium gives', async () => {
    const pair = sodium.crypto_sign_seed_keypair(fixedBytes('signer'));
    const whole = new TextEncoder().encode('palmkey/message/1\0a message');
    expect(signer.publicKey).toEqual(pair.publicKey);
    expect(await sign(signer, 'message', message)).toEqual(sodium.crypto_sign_detached(whole, pair.privateKey));
  });

  it('works with keys that cannot be exported', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    const own = await webSigner(pair);
    const signature = await sign(own, 'message', message);
    expect(await verifySignature(webPrimitives, own.publicKey, 'message', message, signature)).toBe(true);
  });
});

describe('verifySignature', () => {
  it('holds for this message in this context alone', async () => {
    const signature = await sign(signer, 'pairing-host', message);
    const verify = (context: 'pairing-host' | 'pairing-phone', bytes: Uint8Array) =>
      verifySignature(webPrimitives, signer.publicKey, context, bytes, signature);
    expect(await verify('pairing-host', message)).toBe(true);
    expect(await verify('pairing-phone', message)).toBe(false);
    expect(await verify('pairing-host', message.subarray(1))).toBe(false);
  });

  it('asks no library about a malformed signature', async () => {
    const verify = vi.fn(() => true);
    const malformed = parseSignature(new Uint8Array(64));
    expect(await verifySignature({ ...webPrimitives, verify }, signer.publicKey, 'message', message, malformed)).toBe(
      false,
    );
    expect(verify).not.toHaveBeenCalled();
  });
});

describe('webPrimitives', () => {
  const key = fixedBytes('aes');
  const iv = fixedBytes('iv').slice(0, 12);
  const aad = Uint8Array.of(1, 2, 3);

  it('opens with AES-GCM what it sealed, and nothing else', async () => {
    const sealed = await webPrimitives.aesGcmSeal(key, iv, message, aad);
    expect(sealed).toHaveLength(message.length + 16);
    expect(await webPrimitives.aesGcmOpen(key, iv, sealed, aad)).toEqual(message);
    await expect(webPrimitives.aesGcmOpen(key, iv, sealed, new Uint8Array(0))).rejects.toThrow('does not open');
    for (let length = 0; length < sealed.length; length++) {
      await expect(webPrimitives.aesGcmOpen(key, iv, sealed.subarray(0, length), aad)).rejects.toThrow('does not open');
    }
  });

  it('makes keys and bytes that differ', async () => {
    const a = await webPrimitives.generateAgreement();
    const b = await webPrimitives.generateAgreement();
    expect(a.publicKey).not.toEqual(b.publicKey);
    expect(webPrimitives.randomBytes(32)).not.toEqual(webPrimitives.randomBytes(32));
  });
});
