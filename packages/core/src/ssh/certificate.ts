import { SshFormatError } from './errors.ts';
import { SshReader } from './wire.ts';

/** The most names of a certificate: as many as OpenSSH reads. */
export const MAX_PRINCIPALS = 256;
/** `SSH2_CERT_TYPE_USER` and `SSH2_CERT_TYPE_HOST`. */
const TYPES: Readonly<Record<number, 'user' | 'host'>> = { 1: 'user', 2: 'host' };

/** What stands after the key in a certificate (OpenSSH `PROTOCOL.certkeys`); nothing of it is checked but its form. */
export interface CertificateFields {
  readonly type: 'user' | 'host';
  readonly serial: bigint;
  /** Text of the authority's choice: not made safe for a screen. */
  readonly keyId: string;
  /** Whom or which hosts it is for; of a host certificate, none means every host and `*` and `?` are wildcards. */
  readonly principals: readonly string[];
  /** Seconds since 1970 UTC: the first in which it is valid. */
  readonly validAfter: bigint;
  /** Seconds since 1970 UTC: the first in which it is no longer valid; 2^64 − 1 for no end. */
  readonly validBefore: bigint;
  /** The names of critical options: who does not know one must not trust the certificate. */
  readonly criticalOptions: readonly string[];
  /** The authority's public key blob, which may be of a type that is not read here. */
  readonly caKey: Uint8Array<ArrayBuffer>;
  /** The authority's signature blob, over all that stands before it. */
  readonly signature: Uint8Array<ArrayBuffer>;
  /** How many of the certificate's last bytes the signature is, its length among them. */
  readonly signatureBytes: number;
}

/** Reads what stands before the key in a certificate: the nonce. */
export function skipCertificateHead(reader: SshReader): void {
  reader.string();
}

/** Reads what stands after the key in a certificate. Throws {@link SshFormatError} on fields that are not of their form. */
export function readCertificateTail(reader: SshReader): CertificateFields {
  const serial = reader.uint64();
  const type = TYPES[reader.uint32()];
  if (type === undefined) throw new SshFormatError('a certificate that is neither for users nor for hosts');
  const keyId = reader.text();
  const principals = readPrincipals(reader.string());
  const validAfter = reader.uint64();
  const validBefore = reader.uint64();
  const criticalOptions = readOptionNames(reader.string());
  readOptionNames(reader.string()); // extensions: of a host certificate there are none that mean anything
  reader.string(); // reserved: OpenSSH passes over it
  const caKey = reader.string();
  const signatureBytes = reader.remaining;
  const signature = reader.string();
  const known = { type, serial, keyId, principals, validAfter, validBefore, criticalOptions };
  return { ...known, caKey, signature, signatureBytes };
}

function readPrincipals(list: Uint8Array): string[] {
  const reader = new SshReader(list);
  const principals: string[] = [];
  while (reader.remaining > 0) {
    if (principals.length === MAX_PRINCIPALS) throw new SshFormatError('a certificate with too many names');
    principals.push(reader.text());
  }
  return principals;
}

/** Options are `string name ‖ string data`, by ascending name; OpenSSH looks at the order when it writes, not when it reads. */
function readOptionNames(list: Uint8Array): string[] {
  const reader = new SshReader(list);
  const names: string[] = [];
  while (reader.remaining > 0) {
    names.push(reader.text());
    reader.string();
  }
  return names;
}
