import {
  OpenError,
  type Primitives,
  verifySignature,
  sign,
  webAgreement,
  webPrimitives,
  webSigner,
} from '@palmkey/core/crypto';
import { parseAgreementPublicKey, parseSignature } from '@palmkey/envelope';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainPrimitives } from './chain-primitives.ts';
import { nodeAgreement, nodePrimitives, nodeSigner } from './node-primitives.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const seed = nodePrimitives.randomBytes(32);
const both: [string, Primitives][] = [
  ['node', nodePrimitives],
  ['web', webPrimitives],
  ['chain', chainPrimitives],
];

async function webKeys() {
  const { subtle } = globalThis.crypto;
  const signing = await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
  const agreement = await subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
  return { signer: await webSigner(signing), agreement: await webAgreement(agreement) };
}

describe('Ed25519', () => {
  test('the public key of RFC 8032 §7.1, test 1', () => {
    const secret = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const signer = nodeSigner(Buffer.from(secret, 'hex'));
    expect(Buffer.from(signer.publicKey).toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
  });

  test('what either signs both verify, and nothing else', async () => {
    const { signer: web } = await webKeys();
    await fc.assert(
      fc.asyncProperty(bytes(200), fc.nat(511), async (message, flip) => {
        for (const signer of [nodeSigner(seed), web]) {
          const signature = await sign(signer, 'message', message);
          const bad = parseSignature(signature.map((byte, i) => (i === flip >> 3 ? byte ^ (1 << (flip & 7)) : byte)));
          for (const [, primitives] of both) {
            expect(await verifySignature(primitives, signer.publicKey, 'message', message, signature)).toBe(true);
            expect(await verifySignature(primitives, signer.publicKey, 'message', message, bad)).toBe(false);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test('of a chain are verified beside this thread, which goes on meanwhile', async () => {
    const signer = nodeSigner(seed);
    const signature = await signer.sign(seed);
    let isOver = false;
    const held = Promise.resolve(chainPrimitives.verify(signer.publicKey, seed, signature)).finally(
      () => (isOver = true),
    );
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
    expect([isOver, await held]).toEqual([false, true]);
  });

  test('a key that is no point verifies nothing', async () => {
    const key = new Uint8Array(32).fill(2) as typeof web.publicKey;
    const { signer: web } = await webKeys();
    const signature = await web.sign(seed);
    for (const [, primitives] of both) expect(await primitives.verify(key, seed, signature)).toBe(false);
  });
});

describe('X25519', () => {
  test('both sides agree, in either implementation', async () => {
    const { agreement: web } = await webKeys();
    const node = nodeAgreement(seed);
    const ephemeral = await nodePrimitives.generateAgreement();
    expect(await node.sharedSecret(web.publicKey)).toEqual(await web.sharedSecret(node.publicKey));
    expect(await node.sharedSecret(ephemeral.publicKey)).toEqual(await ephemeral.sharedSecret(node.publicKey));
  });

  test.each([
    ['zero', '00'.repeat(32)],
    ['one', `01${'00'.repeat(31)}`],
    ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['p', `ed${'ff'.repeat(30)}7f`],
  ])('the key %s is refused by both', async (_, hex) => {
    const key = parseAgreementPublicKey(new Uint8Array(Buffer.from(hex, 'hex')));
    const { agreement: web } = await webKeys();
    for (const agreement of [nodeAgreement(seed), web])
      await expect((async () => agreement.sharedSecret(key))()).rejects.toThrow(OpenError);
  });
});

describe('AES-256-GCM', () => {
  test('what either seals both open, and only whole', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(100), bytes(40), async (plaintext, aad) => {
        const [key, iv] = [nodePrimitives.randomBytes(32), nodePrimitives.randomBytes(12)];
        const sealed = await nodePrimitives.aesGcmSeal(key, iv, plaintext, aad);
        expect(await webPrimitives.aesGcmSeal(key, iv, plaintext, aad)).toEqual(sealed);
        for (const [, primitives] of both) {
          const open = async (text: Uint8Array, data: Uint8Array) => primitives.aesGcmOpen(key, iv, text, data);
          expect(await open(sealed, aad)).toEqual(plaintext);
          await expect(open(sealed, Uint8Array.of(...aad, 0))).rejects.toThrow(OpenError);
          await expect(
            open(
              sealed.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
              aad,
            ),
          ).rejects.toThrow(OpenError);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('cut off at any byte it does not open', async () => {
    const [key, iv, aad] = [nodePrimitives.randomBytes(32), nodePrimitives.randomBytes(12), new Uint8Array(0)];
    const sealed = await nodePrimitives.aesGcmSeal(key, iv, seed, aad);
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => nodePrimitives.aesGcmOpen(key, iv, sealed.subarray(0, length), aad)).toThrow(OpenError);
  });
});

test('randomBytes gives as many as wanted, in memory of their own', () => {
  expect(nodePrimitives.randomBytes(16).buffer.byteLength).toBe(16);
});
