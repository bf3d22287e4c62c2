import type { HostKeyVerifier } from './session-bind.ts';
import type { PlainKey } from './public-key.ts';
import { SshFormatError } from './errors.ts';
import { parsePublicKey } from './public-key.ts';
import { parseSshSignature } from './signature.ts';

/**
 * How a user key signs; each of our three types of keys has one way. RSA signs with SHA-512 only: a WebCrypto key is
 * bound to one hash when it is made and can never be taken out to be bound to another.
 */
export type UserKeyAlgorithm = 'ssh-ed25519' | 'ecdsa-sha2-nistp256' | 'rsa-sha2-512';

/** Bits of RSA user keys; the phone makes them with 4,096. */
export const MIN_RSA_USER_KEY_BITS = 3072;
export const MAX_RSA_USER_KEY_BITS = 4096;

/** Flags of `SSH_AGENTC_SIGN_REQUEST` (RFC 9987 §3.6.1). */
const RSA_SHA2_256 = 2;
const RSA_SHA2_512 = 4;

/**
 * How the key of a blob signs: Ed25519, ECDSA on P-256, RSA of 3,072 to 4,096 bits. Null for every other key, for
 * certificates and for bytes that are no key.
 */
export function userKeyAlgorithm(blob: Uint8Array): UserKeyAlgorithm | null {
  try {
    const { key, certificate } = parsePublicKey(blob);
    return certificate ? null : algorithmOf(key);
  } catch (error) {
    if (error instanceof SshFormatError) return null;
    throw error;
  }
}

/** Whether an agent's sign request with these flags asks for the algorithm: RSA 4, or 2 and 4 together; others 0. */
export function agentFlagsFit(algorithm: UserKeyAlgorithm, flags: number): boolean {
  if (algorithm !== 'rsa-sha2-512') return flags === 0;
  return flags === RSA_SHA2_512 || flags === (RSA_SHA2_256 | RSA_SHA2_512);
}

/**
 * Refuses an algorithm that is none of ours, RSA with SHA-256 or SHA-1 by their names, and one that is not the key's.
 * Throws {@link SshFormatError}.
 */
export function checkUserKeyAlgorithm(algorithm: string, blob: Uint8Array): UserKeyAlgorithm {
  switch (algorithm) {
    case 'ssh-ed25519':
    case 'ecdsa-sha2-nistp256':
    case 'rsa-sha2-512':
      if (userKeyAlgorithm(blob) !== algorithm) throw new SshFormatError(`a user key that does not sign ${algorithm}`);
      return algorithm;
    case 'rsa-sha2-256':
      throw new SshFormatError('rsa-sha2-256: user keys sign RSA with SHA-512 only');
    case 'ssh-rsa':
      throw new SshFormatError('ssh-rsa: nothing is signed with SHA-1');
    default:
      throw new SshFormatError('an algorithm that is none of a user key');
  }
}

/**
 * Whether a signature blob is one of the user key over the message, by the one algorithm of its type and in the form
 * that `encodeSshSignature` writes. Never throws: what cannot be read is false.
 */
export async function verifyUserSignature(
  verify: HostKeyVerifier,
  blob: Uint8Array,
  signatureBlob: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  const algorithm = userKeyAlgorithm(blob);
  if (algorithm === null) return false;
  try {
    const { key } = parsePublicKey(blob);
    const signature = parseSshSignature(signatureBlob);
    if (signature.algorithm !== algorithm) return false;
    if (key.kind === 'rsa' && signature.signature.length !== key.modulus.length) return false;
    return await verify(key, signature, message);
  } catch (error) {
    if (error instanceof SshFormatError) return false;
    throw error;
  }
}

function algorithmOf(key: PlainKey): UserKeyAlgorithm | null {
  switch (key.kind) {
    case 'ed25519':
      return 'ssh-ed25519';
    case 'ecdsa':
      return key.curve === 'nistp256' ? 'ecdsa-sha2-nistp256' : null;
    case 'rsa':
      return key.bits >= MIN_RSA_USER_KEY_BITS && key.bits <= MAX_RSA_USER_KEY_BITS ? 'rsa-sha2-512' : null;
  }
}
