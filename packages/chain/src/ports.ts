import type { Signature, SigningPublicKey } from '@palmkey/envelope';

/** A result that a port may give at once or later. */
export type MaybePromise<T> = T | Promise<T>;

/** Port: SHA-256 (FIPS 180-4), 32 bytes. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Port: the two algorithms that replay needs. */
export interface ChainPrimitives {
  readonly sha256: Sha256;
  /** The library's bare Ed25519 check (RFC 8032). It is asked only about keys and signatures of the one form. */
  verify(publicKey: SigningPublicKey, message: Uint8Array, signature: Signature): MaybePromise<boolean>;
}

/** Port: the use of an Ed25519 private key that is elsewhere. */
export interface LinkSigner {
  sign(message: Uint8Array): MaybePromise<Signature>;
}
