import type { CertificateFields } from './certificate.ts';
import { SshFormatError } from './errors.ts';
import { readCertificateTail, skipCertificateHead } from './certificate.ts';
import { SshReader, SshWriter } from './wire.ts';

/** The longest public key blob that is read: a certificate of a 16,384-bit key with a long list of principals. */
export const MAX_PUBLIC_KEY_BYTES = 32 * 1024;
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 16_384;

/** An Ed25519 key (RFC 8709): 32 bytes. */
export interface Ed25519Key {
  readonly kind: 'ed25519';
  readonly publicKey: Uint8Array<ArrayBuffer>;
}
export type NistCurve = 'nistp256' | 'nistp384' | 'nistp521';
/** An ECDSA key (RFC 5656): the uncompressed point, 0x04 ‖ x ‖ y, 65, 97 or 133 bytes. */
export interface EcdsaKey {
  readonly kind: 'ecdsa';
  readonly curve: NistCurve;
  readonly point: Uint8Array<ArrayBuffer>;
}
/** An RSA key (RFC 4253 §6.6) of 2,048 to 16,384 bits: exponent and modulus, big-endian without leading zeros. */
export interface RsaKey {
  readonly kind: 'rsa';
  readonly exponent: Uint8Array<ArrayBuffer>;
  readonly modulus: Uint8Array<ArrayBuffer>;
  readonly bits: number;
}
export type PlainKey = Ed25519Key | EcdsaKey | RsaKey;
/** The names of key types that are read, without those of certificates. */
export type PlainKeyType =
  'ssh-ed25519' | 'ecdsa-sha2-nistp256' | 'ecdsa-sha2-nistp384' | 'ecdsa-sha2-nistp521' | 'ssh-rsa';

interface KeyOfType {
  /** The type of the key itself: a certificate's inner one. */
  readonly type: PlainKeyType;
  readonly key: PlainKey;
}
/** A public key blob, taken apart; `algorithm` is the name that it begins with. */
export type SshPublicKey =
  | (KeyOfType & { readonly certificate: false; readonly algorithm: PlainKeyType })
  | (KeyOfType & {
      readonly certificate: true;
      readonly algorithm: `${PlainKeyType}-cert-v01@openssh.com`;
      readonly fields: CertificateFields;
    });

const POINT_BYTES = { nistp256: 65, nistp384: 97, nistp521: 133 } as const;
const CERTIFICATE_SUFFIX = '-cert-v01@openssh.com';

/**
 * Takes a public key blob apart: `ssh-ed25519`, `ecdsa-sha2-nistp256/384/521`, `ssh-rsa` and the certificates of
 * these (OpenSSH `PROTOCOL.certkeys`), whose own signature, names and times are not looked at: a certificate stands for its inner key.
 *
 * Throws {@link SshFormatError} on any other type, on a key out of bounds and on bytes left over.
 */
export function parsePublicKey(blob: Uint8Array): SshPublicKey {
  if (blob.length > MAX_PUBLIC_KEY_BYTES) throw new SshFormatError('a public key that is too long');
  const reader = new SshReader(blob);
  const name = reader.text(64);
  const certificate = name.endsWith(CERTIFICATE_SUFFIX);
  const type = plainKeyType(certificate ? name.slice(0, -CERTIFICATE_SUFFIX.length) : name);
  if (certificate) skipCertificateHead(reader);
  const key = readKey(reader, type);
  const fields = certificate ? readCertificateTail(reader) : null;
  reader.end();
  if (fields === null) return { algorithm: type, type, key, certificate: false };
  return { algorithm: `${type}${CERTIFICATE_SUFFIX}`, type, key, certificate: true, fields };
}

/** The blob of the key itself: of a plain key the same bytes, of a certificate those of its inner key. */
export function plainKeyBlob(key: PlainKey): Uint8Array<ArrayBuffer> {
  switch (key.kind) {
    case 'ed25519':
      return ed25519Blob(key.publicKey);
    case 'ecdsa':
      return new SshWriter().name(`ecdsa-sha2-${key.curve}`).name(key.curve).string(key.point).done();
    case 'rsa':
      return new SshWriter().name('ssh-rsa').positiveMpint(key.exponent).positiveMpint(key.modulus).done();
  }
}

/** The public key blob of an Ed25519 key of 32 bytes (RFC 8709 §4): 51 bytes. Throws {@link SshFormatError} on another length. */
export function ed25519Blob(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  if (publicKey.length !== 32) throw new SshFormatError('an Ed25519 key that is not 32 bytes');
  return new SshWriter().name('ssh-ed25519').string(publicKey).done();
}

function plainKeyType(name: string): PlainKeyType {
  switch (name) {
    case 'ssh-ed25519':
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
    case 'ssh-rsa':
      return name;
    default:
      throw new SshFormatError('a public key of an unknown type');
  }
}

function readKey(reader: SshReader, type: PlainKeyType): PlainKey {
  switch (type) {
    case 'ssh-ed25519':
      return { kind: 'ed25519', publicKey: exactly(32, reader.string(32)) };
    case 'ecdsa-sha2-nistp256':
      return readEcdsa(reader, 'nistp256');
    case 'ecdsa-sha2-nistp384':
      return readEcdsa(reader, 'nistp384');
    case 'ecdsa-sha2-nistp521':
      return readEcdsa(reader, 'nistp521');
    case 'ssh-rsa':
      return readRsa(reader);
  }
}

function readEcdsa(reader: SshReader, curve: NistCurve): EcdsaKey {
  if (reader.text(16) !== curve) throw new SshFormatError('an ECDSA key whose curve is not that of its type');
  const point = exactly(POINT_BYTES[curve], reader.string(POINT_BYTES[curve]));
  if (point[0] !== 4) throw new SshFormatError('an ECDSA point that is not uncompressed');
  return { kind: 'ecdsa', curve, point };
}

/** The exponent is odd and of 2 to 32 bits: what every library verifies with, and no reason to compute for long. */
function readRsa(reader: SshReader): RsaKey {
  const exponent = reader.positiveMpint(4);
  const last = exponent[exponent.length - 1] ?? 0;
  if (last % 2 === 0 || (exponent.length === 1 && last < 3)) throw new SshFormatError('an RSA exponent that cannot be');
  const modulus = reader.positiveMpint(MAX_RSA_BITS / 8);
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < MIN_RSA_BITS) throw new SshFormatError('an RSA key that is too short');
  return { kind: 'rsa', exponent, modulus, bits };
}

function exactly(length: number, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.length !== length) throw new SshFormatError(`a key of ${bytes.length} bytes instead of ${length}`);
  return bytes;
}
