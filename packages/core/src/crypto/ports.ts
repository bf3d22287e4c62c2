import type { AgreementPublicKey, Brand, Signature, SigningPublicKey } from '@palmkey/envelope';
import { OpenError } from './errors.ts';

/** A result that a port may give at once or later. */
export type MaybePromise<T> = T | Promise<T>;

/** The 32 bytes on which two X25519 keys agree, as RFC 7748 gives them; never all zero. */
export type SharedSecret = Brand<Uint8Array, 'SharedSecret'>;

/** Port: an X25519 private key that may not be read. */
export interface KeyAgreement {
  readonly publicKey: AgreementPublicKey;
  /** Throws {@link OpenError} where the result is all zero (RFC 7748 §6.1). */
  sharedSecret(peer: AgreementPublicKey): MaybePromise<SharedSecret>;
}

/** Port: an Ed25519 private key that may not be read. Callers use `sign`, which adds the context. */
export interface Signer {
  readonly publicKey: SigningPublicKey;
  sign(message: Uint8Array): MaybePromise<Signature>;
}

/** Port: randomness and the algorithms that the platform does better than we could. */
export interface Primitives {
  randomBytes(length: number): Uint8Array;
  /** A new key pair for one use. */
  generateAgreement(): MaybePromise<KeyAgreement>;
  /** The signer of a 32-byte seed (RFC 8032 §5.1.5). */
  signerOf(seed: Uint8Array): MaybePromise<Signer>;
  /** The agreement of 32 private bytes (RFC 7748 §5). */
  agreementOf(privateBytes: Uint8Array): MaybePromise<KeyAgreement>;
  /** The library's bare Ed25519 check (RFC 8032). Callers use `verifySignature`, which judges the form first. */
  verify(publicKey: SigningPublicKey, message: Uint8Array, signature: Signature): MaybePromise<boolean>;
  /** AES-256-GCM (NIST SP 800-38D): key 32, iv 12; returns ciphertext ‖ tag (16). */
  aesGcmSeal(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): MaybePromise<Uint8Array>;
  /** The reverse; throws on anything that was not sealed so. */
  aesGcmOpen(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array, aad: Uint8Array): MaybePromise<Uint8Array>;
}

/** Takes what an X25519 library computed. Throws {@link OpenError} unless it is 32 bytes that are not all zero. */
export function parseSharedSecret(bytes: Uint8Array): SharedSecret {
  let any = 0;
  for (const byte of bytes) any |= byte;
  if (bytes.length !== 32 || any === 0) throw new OpenError('no shared secret with this key');
  return bytes as SharedSecret;
}
