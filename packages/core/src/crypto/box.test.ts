import { concat, parseAgreementPublicKey } from '@palmkey/envelope';
import * as fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { fixedAgreement, fixedBytes, fixedPrimitives } from '../testing/fixed-keys.ts';
import { BOX_OVERHEAD_BYTES, boxKey, openBox, sealBox } from './box.ts';
import { OpenError } from './errors.ts';
import { parseSharedSecret, type KeyAgreement, type SharedSecret } from './ports.ts';
import { openAnonymous, SEALED_BOX_OVERHEAD_BYTES, sealAnonymous } from './sealed-box.ts';
import { webAgreement, webPrimitives } from './web-primitives.ts';

const alicePrivate = fixedBytes('box alice');
const bobPrivate = fixedBytes('box bob');
const nonce = fixedBytes('box nonce').slice(0, 24);
let alice: KeyAgreement;
let bob: KeyAgreement;
let shared: SharedSecret;

beforeAll(async () => {
  await sodium.ready;
  alice = await fixedAgreement(alicePrivate);
  bob = await fixedAgreement(bobPrivate);
  shared = await alice.sharedSecret(bob.publicKey);
});

describe('boxKey, sealBox and openBox', () => {
  it("agree with libsodium's crypto_box byte for byte, in both directions", () => {
    const key = boxKey(shared);
    expect(key).toEqual(sodium.crypto_box_beforenm(bob.publicKey, alicePrivate));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (plaintext) => {
        const theirs = sodium.crypto_box_easy(plaintext, nonce, bob.publicKey, alicePrivate);
        const ours = sealBox(key, nonce, plaintext);
        expect(ours).toEqual(concat(nonce, theirs));
        expect(openBox(key, concat(nonce, theirs))).toEqual(plaintext);
        expect(sodium.crypto_box_open_easy(ours.subarray(24), nonce, alice.publicKey, bobPrivate)).toEqual(plaintext);
      }),
      { numRuns: 50 },
    );
  });

  it('agree in both directions of the pair', async () => {
    expect(boxKey(await bob.sharedSecret(alice.publicKey))).toEqual(boxKey(shared));
  });

  it('refuse every truncation and every flipped bit alike', () => {
    const key = boxKey(shared);
    const boxed = sealBox(key, nonce, fixedBytes('plaintext'));
    expect(boxed).toHaveLength(32 + BOX_OVERHEAD_BYTES);
    for (let length = 0; length < boxed.length; length++) {
      expect(() => openBox(key, boxed.subarray(0, length))).toThrow(OpenError);
    }
    for (let bit = 0; bit < boxed.length * 8; bit++) {
      const changed = boxed.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openBox(key, changed)).toThrow('does not open');
    }
  });

  it('leave key, nonce and plaintext as they were', () => {
    const key = boxKey(shared);
    const plaintext = fixedBytes('plaintext');
    sealBox(key, nonce, plaintext);
    expect(key).toEqual(boxKey(shared));
    expect(nonce).toEqual(fixedBytes('box nonce').slice(0, 24));
    expect(plaintext).toEqual(fixedBytes('plaintext'));
  });
});

describe('sealAnonymous and openAnonymous', () => {
  it('agree with libsodium in both directions', async () => {
    for (const length of [0, 1, 31, 32, 33, 1000]) {
      const plaintext = new Uint8Array(length).fill(7);
      const ours = await sealAnonymous(fixedPrimitives(`seal ${length}`), bob.publicKey, plaintext);
      expect(ours).toHaveLength(length + SEALED_BOX_OVERHEAD_BYTES);
      expect(sodium.crypto_box_seal_open(ours, bob.publicKey, bobPrivate)).toEqual(plaintext);
      expect(await openAnonymous(bob, sodium.crypto_box_seal(plaintext, bob.publicKey))).toEqual(plaintext);
    }
  });

  it('refuse another recipient and every truncation', async () => {
    const sealed = await sealAnonymous(webPrimitives, bob.publicKey, fixedBytes('plaintext'));
    await expect(openAnonymous(alice, sealed)).rejects.toThrow(OpenError);
    for (let length = 0; length < sealed.length; length++) {
      await expect(openAnonymous(bob, sealed.subarray(0, length))).rejects.toThrow(OpenError);
    }
  });
});

describe('sharedSecret', () => {
  it('refuses keys with which every secret is zero', async () => {
    const zero = parseAgreementPublicKey(new Uint8Array(32));
    const one = parseAgreementPublicKey(Uint8Array.of(1, ...new Uint8Array(31)));
    for (const peer of [zero, one]) await expect(alice.sharedSecret(peer)).rejects.toThrow(OpenError);
    expect(() => parseSharedSecret(new Uint8Array(32))).toThrow(OpenError);
    expect(() => parseSharedSecret(new Uint8Array(31).fill(1))).toThrow(OpenError);
  });

  it('is of non-extractable keys too', async () => {
    const made = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
    const agreement = await webAgreement(made);
    expect(await agreement.sharedSecret(bob.publicKey)).toEqual(await bob.sharedSecret(agreement.publicKey));
    await expect(crypto.subtle.exportKey('pkcs8', made.privateKey)).rejects.toThrow();
  });
});
