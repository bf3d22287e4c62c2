import type { AgreementPublicKey, Brand, SigningPublicKey } from '@palmkey/envelope';
import { ascii } from '@palmkey/envelope';
import { hmacSha256, type Primitives } from '../crypto/index.ts';
import { FormatError } from '../crypto/index.ts';

/** What a per-user key of one generation comes from: 32 random bytes that members have and nobody else. */
export type PerUserSeed = Brand<Uint8Array, 'PerUserSeed'>;

/** 32 bytes that members encrypt account data and the previous seed under. */
export type PerUserSymmetricKey = Brand<Uint8Array, 'PerUserSymmetricKey'>;

/** The public half of a generation, as its link has it. */
export interface PublicPerUserKey {
  /** Counts from 1. */
  readonly generation: number;
  readonly signingKey: SigningPublicKey;
  readonly agreementKey: AgreementPublicKey;
}

/** One generation of the per-user key, opened. */
export interface PerUserKey extends PublicPerUserKey {
  readonly seed: PerUserSeed;
  readonly symmetricKey: PerUserSymmetricKey;
}

/** The bytes of a seed. */
export const PER_USER_SEED_BYTES = 32;

/** Takes 32 bytes as a {@link PerUserSeed}; throws {@link FormatError} on another length. */
export function parsePerUserSeed(bytes: Uint8Array): PerUserSeed {
  if (bytes.length !== PER_USER_SEED_BYTES) throw new FormatError('a per-user seed has 32 bytes');
  return bytes as PerUserSeed;
}

/** A new generation, from new randomness. */
export async function newPerUserKey(primitives: Primitives, generation: number): Promise<PerUserKey> {
  return perUserKeyOf(primitives, parsePerUserSeed(primitives.randomBytes(PER_USER_SEED_BYTES)), generation);
}

/** The keys that a seed gives: HMAC-SHA256 of three labels (spec/account.md, "The per-user key"). */
export async function perUserKeyOf(primitives: Primitives, seed: PerUserSeed, generation: number): Promise<PerUserKey> {
  const signer = await primitives.signerOf(hmacSha256(seed, ascii('palmkey/puk-signing/1')));
  const agreement = await primitives.agreementOf(hmacSha256(seed, ascii('palmkey/puk-agreement/1')));
  return {
    generation,
    seed,
    signingKey: signer.publicKey,
    agreementKey: agreement.publicKey,
    symmetricKey: hmacSha256(seed, ascii('palmkey/puk-symmetric/1')) as Uint8Array as PerUserSymmetricKey,
  };
}
