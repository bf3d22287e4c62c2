import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import type { Brand } from '@palmkey/envelope';
import { concat } from '@palmkey/envelope';
import { OpenError } from './errors.ts';
import type { SharedSecret } from './ports.ts';

/** The key of every box between two agreement keys, the same in both directions; 32 bytes. */
export type BoxKey = Brand<Uint8Array, 'BoxKey'>;

/** The nonce of a box. */
export const BOX_NONCE_BYTES = 24;
/** How much longer than its plaintext a box is: nonce and tag. */
export const BOX_OVERHEAD_BYTES = BOX_NONCE_BYTES + 16;

/** "expand 32-byte k", the constant of Salsa20, as little-endian words. */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

/** NaCl's `crypto_box_beforenm`: HSalsa20 of the shared secret and sixteen zero bytes. */
export function boxKey(shared: SharedSecret): BoxKey {
  const key = new Uint32Array(8);
  const out = new Uint32Array(8);
  new Uint8Array(key.buffer).set(shared);
  hsalsa(SIGMA, key, new Uint32Array(4), out);
  return new Uint8Array(out.buffer) as Uint8Array as BoxKey;
}

/** NaCl's `crypto_box_afternm` with its nonce before it: nonce (24) ‖ tag (16) ‖ ciphertext. */
export function sealBox(key: BoxKey, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(nonce, xsalsa20poly1305(key, nonce).encrypt(plaintext));
}

/** Opens what {@link sealBox} made; throws {@link OpenError}. */
export function openBox(key: BoxKey, boxed: Uint8Array): Uint8Array {
  if (boxed.length < BOX_OVERHEAD_BYTES) throw new OpenError('does not open');
  return openWithNonce(key, boxed.subarray(0, BOX_NONCE_BYTES), boxed.subarray(BOX_NONCE_BYTES));
}

/** Opens tag (16) ‖ ciphertext under a nonce that is known otherwise; throws {@link OpenError}. */
export function openWithNonce(key: BoxKey, nonce: Uint8Array, tagged: Uint8Array): Uint8Array {
  try {
    return xsalsa20poly1305(key, nonce).decrypt(tagged);
  } catch (cause) {
    throw new OpenError('does not open', { cause });
  }
}

/** NaCl's `crypto_secretbox` with its nonce before it: nonce (24) ‖ tag (16) ‖ ciphertext; the key has 32 bytes. */
export function sealSecretBox(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  return sealBox(key as BoxKey, nonce, plaintext);
}

/** Opens what {@link sealSecretBox} made; throws {@link OpenError}. */
export function openSecretBox(key: Uint8Array, boxed: Uint8Array): Uint8Array {
  return openBox(key as BoxKey, boxed);
}
