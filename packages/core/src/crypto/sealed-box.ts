import { blake2b } from '@noble/hashes/blake2.js';
import type { AgreementPublicKey } from '@palmkey/envelope';
import { concat, parseAgreementPublicKey } from '@palmkey/envelope';
import { BOX_NONCE_BYTES, boxKey, openWithNonce, sealBox } from './box.ts';
import { OpenError } from './errors.ts';
import type { KeyAgreement, Primitives } from './ports.ts';

/** How much longer than its plaintext a sealed box is: ephemeral key and tag. */
export const SEALED_BOX_OVERHEAD_BYTES = 32 + 16;

/**
 * libsodium's `crypto_box_seal`: ephemeral public key (32) ‖ tag (16) ‖ ciphertext. It says nothing of who sealed.
 * Throws {@link OpenError} for a recipient's key that agrees on nothing.
 */
export async function sealAnonymous(
  primitives: Primitives,
  recipient: AgreementPublicKey,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const ephemeral = await primitives.generateAgreement();
  const key = boxKey(await ephemeral.sharedSecret(recipient));
  const boxed = sealBox(key, nonceOf(ephemeral.publicKey, recipient), plaintext);
  return concat(ephemeral.publicKey, boxed.subarray(BOX_NONCE_BYTES));
}

/** Opens what was sealed to this key; throws {@link OpenError}. */
export async function openAnonymous(agreement: KeyAgreement, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed.length < SEALED_BOX_OVERHEAD_BYTES) throw new OpenError('does not open');
  const ephemeral = parseAgreementPublicKey(sealed.slice(0, 32));
  const key = boxKey(await agreement.sharedSecret(ephemeral));
  return openWithNonce(key, nonceOf(ephemeral, agreement.publicKey), sealed.subarray(32));
}

function nonceOf(ephemeral: AgreementPublicKey, recipient: AgreementPublicKey): Uint8Array {
  return blake2b(concat(ephemeral, recipient), { dkLen: BOX_NONCE_BYTES });
}
