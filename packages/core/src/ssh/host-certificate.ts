import type { HostKeyVerifier } from './session-bind.ts';
import type { SshPublicKey } from './public-key.ts';
import { SshFormatError } from './errors.ts';
import { parsePublicKey } from './public-key.ts';
import { parseSshSignature } from './signature.ts';

/** What an authority says about a host key. It is the authority's word only where {@link verifyHostCertificate} is true. */
export interface HostCertificate {
  /** Text of the authority's choice, and the names: not made safe for a screen. */
  readonly keyId: string;
  readonly serial: bigint;
  /** The hosts it is for; none means every host, and `*` and `?` are wildcards. */
  readonly principals: readonly string[];
  /** Seconds since 1970 UTC: the first in which it is valid. */
  readonly validAfter: bigint;
  /** Seconds since 1970 UTC: the first in which it is no longer valid; 2^64 − 1 for no end. */
  readonly validBefore: bigint;
  /** The names of critical options; OpenSSH knows none for hosts and trusts no certificate that has one. */
  readonly criticalOptions: readonly string[];
  /** The authority's public key blob, which may be of a type that is not read here. */
  readonly caKey: Uint8Array<ArrayBuffer>;
}

/** Why a certificate says nothing at a time. */
export type HostCertificateFault = 'not-yet-valid' | 'expired' | 'critical-option';

/**
 * A host key: a plain key, or a certificate of a host, which stands for its inner key.
 * Throws {@link SshFormatError}, also on a certificate of a user.
 */
export function parseHostKey(blob: Uint8Array): SshPublicKey {
  const key = parsePublicKey(blob);
  if (key.certificate && key.fields.type !== 'host') throw new SshFormatError('a user certificate as a host key');
  return key;
}

/** What the certificate says; null for a plain key. Throws {@link SshFormatError} as {@link parseHostKey} does. */
export function parseHostCertificate(blob: Uint8Array): HostCertificate | null {
  const key = parseHostKey(blob);
  if (!key.certificate) return null;
  const { keyId, serial, principals, validAfter, validBefore, criticalOptions, caKey } = key.fields;
  return { keyId, serial, principals, validAfter, validBefore, criticalOptions, caKey };
}

/**
 * Whether a host certificate bears its authority's signature: by a plain key of a type that is read here, and not
 * with SHA-1. Who the authority is, names and times are other questions. Never throws: what cannot be read is false.
 */
export async function verifyHostCertificate(verify: HostKeyVerifier, blob: Uint8Array): Promise<boolean> {
  try {
    const key = parseHostKey(blob);
    if (!key.certificate) return false;
    const authority = parsePublicKey(key.fields.caKey);
    if (authority.certificate) return false;
    const signed = blob.subarray(0, blob.length - key.fields.signatureBytes);
    return await verify(authority.key, parseSshSignature(key.fields.signature), signed);
  } catch (error) {
    if (error instanceof SshFormatError) return false;
    throw error;
  }
}

/** Why the certificate says nothing at that second, as OpenSSH sees it (names aside); null where it holds. */
export function hostCertificateFault(certificate: HostCertificate, atSeconds: bigint): HostCertificateFault | null {
  if (certificate.criticalOptions.length > 0) return 'critical-option';
  if (atSeconds < certificate.validAfter) return 'not-yet-valid';
  return atSeconds >= certificate.validBefore ? 'expired' : null;
}
