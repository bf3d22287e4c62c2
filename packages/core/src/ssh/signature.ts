import type { UserKeyAlgorithm } from './user-key.ts';
import { SshFormatError } from './errors.ts';
import { SshReader, SshWriter } from './wire.ts';

/** The longest signature blob: RSA of 16,384 bits, its name, and two lengths. */
export const MAX_SIGNATURE_BYTES = 4096;

/** A signature blob taken apart: the algorithm's name and what is of its own form. */
export interface SshSignature {
  readonly algorithm: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/**
 * `string algorithm ‖ string signature` of what WebCrypto gives: Ed25519 64 bytes as they are (RFC 8709 §6), ECDSA
 * r ‖ s of 32 bytes each as two mpints (RFC 5656 §3.1.2), RSA as many bytes as the modulus, 384 to 512 (RFC 8332 §3).
 *
 * Throws {@link SshFormatError} on another length, and on an r or s of zero.
 */
export function encodeSshSignature(algorithm: UserKeyAlgorithm, raw: Uint8Array): Uint8Array<ArrayBuffer> {
  switch (algorithm) {
    case 'ssh-ed25519':
      if (raw.length !== 64) throw new SshFormatError('an Ed25519 signature that is not 64 bytes');
      return new SshWriter().name(algorithm).string(raw).done();
    case 'ecdsa-sha2-nistp256': {
      if (raw.length !== 64) throw new SshFormatError('a P-256 signature that is not 64 bytes');
      const [r, s] = [raw.subarray(0, 32), raw.subarray(32)];
      if (isZero(r) || isZero(s)) throw new SshFormatError('a P-256 signature with a number that is zero');
      return new SshWriter().name(algorithm).string(new SshWriter().positiveMpint(r).positiveMpint(s).done()).done();
    }
    case 'rsa-sha2-512':
      if (raw.length < 384 || raw.length > 512)
        throw new SshFormatError('an RSA signature that is not 384 to 512 bytes');
      return new SshWriter().name(algorithm).string(raw).done();
  }
}

/** Takes a signature blob apart; whether the algorithm fits the key is the verifier's question. Throws {@link SshFormatError}. */
export function parseSshSignature(blob: Uint8Array): SshSignature {
  const reader = new SshReader(blob);
  const algorithm = reader.text(64);
  const signature = reader.string(MAX_SIGNATURE_BYTES);
  reader.end();
  return { algorithm, signature };
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
