import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { ascii } from '@palmkey/envelope';

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return nobleSha256(bytes);
}

/** HMAC-SHA256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  return nobleHmac(nobleSha256, key, message);
}

/** HKDF-SHA256 (RFC 5869) with an empty salt: `bytes` of key material for one label. */
export function hkdfSha256(secret: Uint8Array, label: string, bytes: number): Uint8Array<ArrayBuffer> {
  return nobleHkdf(nobleSha256, secret, undefined, ascii(label), bytes);
}

/** Whether both have the same bytes, in a time that depends on their lengths alone. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
