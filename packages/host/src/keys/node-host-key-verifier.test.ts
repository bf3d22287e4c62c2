import { parsePublicKey, webHostKeyVerifier } from '@palmkey/core/ssh';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeHostKeyVerifier } from './node-host-key-verifier.ts';
import { nodePrimitives, nodeSigner } from './node-primitives.ts';

type Key = ReturnType<typeof parsePublicKey>['key'];

const signer = nodeSigner(nodePrimitives.randomBytes(32));
const publicKey = new Uint8Array(signer.publicKey);
const key: Key = { kind: 'ed25519', publicKey };
const both = [nodeHostKeyVerifier, webHostKeyVerifier];

test('takes what the key signed, and nothing that was changed, as WebCrypto does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(511), async (message, flip) => {
      const signature = new Uint8Array(await signer.sign(message));
      const bad = signature.map((byte, i) => (i === flip >> 3 ? byte ^ (1 << (flip & 7)) : byte));
      for (const verify of both) {
        expect(await verify(key, { algorithm: 'ssh-ed25519', signature }, message)).toBe(true);
        expect(await verify(key, { algorithm: 'ssh-ed25519', signature: bad }, message)).toBe(false);
        expect(await verify(key, { algorithm: 'ssh-ed25519', signature }, Uint8Array.of(...message, 0))).toBe(false);
      }
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['another algorithm', key, 'rsa-sha2-512', 64],
  ['a signature too short', key, 'ssh-ed25519', 63],
  ['a signature too long', key, 'ssh-ed25519', 65],
  ['a key that is no point', { kind: 'ed25519', publicKey: new Uint8Array(32).fill(2) }, 'ssh-ed25519', 64],
  ['a key of small order', { kind: 'ed25519', publicKey: new Uint8Array(32) }, 'ssh-ed25519', 64],
] as const)('%s is false, as with WebCrypto', async (_, wrongKey, algorithm, length) => {
  for (const verify of both)
    expect(await verify(wrongKey, { algorithm, signature: new Uint8Array(length) }, publicKey)).toBe(false);
});

test('other kinds of key are judged too', async () => {
  const pair = await globalThis.crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const point = new Uint8Array(await globalThis.crypto.subtle.exportKey('raw', pair.publicKey));
  const message = Uint8Array.of(1, 2, 3);
  const raw = await globalThis.crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, message);
  const mpint = (half: Uint8Array) => {
    const bare = half.subarray(
      Math.max(
        0,
        half.findIndex((byte) => byte !== 0),
      ),
    );
    const bytes = (bare[0] ?? 0) > 127 ? Uint8Array.of(0, ...bare) : bare;
    return [0, 0, 0, bytes.length, ...bytes];
  };
  const bytes = new Uint8Array(raw);
  const signature = Uint8Array.of(...mpint(bytes.subarray(0, 32)), ...mpint(bytes.subarray(32)));
  const ecdsa: Key = { kind: 'ecdsa', curve: 'nistp256', point };
  expect(await nodeHostKeyVerifier(ecdsa, { algorithm: 'ecdsa-sha2-nistp256', signature }, message)).toBe(true);
});
