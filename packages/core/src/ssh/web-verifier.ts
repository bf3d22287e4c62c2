import { concat, isWellFormedSignature, toBase64Url } from '@palmkey/envelope';
import type { EcdsaKey, Ed25519Key, RsaKey } from './public-key.ts';
import type { HostKeyVerifier } from './session-bind.ts';
import type { SshSignature } from './signature.ts';
import { SshReader } from './wire.ts';

const CURVES = {
  nistp256: { name: 'P-256', hash: 'SHA-256', bytes: 32 },
  nistp384: { name: 'P-384', hash: 'SHA-384', bytes: 48 },
  nistp521: { name: 'P-521', hash: 'SHA-512', bytes: 66 },
} as const;

/**
 * Verifies with WebCrypto: Ed25519 (RFC 8709; malformed ones refused first, spec/devices.md), ECDSA with the hash of
 * its curve (RFC 5656 §6.2.1), RSA PKCS#1 v1.5 with SHA-256 or SHA-512 (RFC 8332); `ssh-rsa`, which is SHA-1, is false.
 */
export const webHostKeyVerifier: HostKeyVerifier = async (key, signature, message) => {
  const bytes = new Uint8Array(message);
  try {
    switch (key.kind) {
      case 'ed25519':
        return await verifyEd25519(key, signature, bytes);
      case 'ecdsa':
        return await verifyEcdsa(key, signature, bytes);
      case 'rsa':
        return await verifyRsa(key, signature, bytes);
    }
  } catch {
    // WebCrypto throws for a point off its curve or a modulus it cannot take: the key verifies nothing.
    return false;
  }
};

async function verifyEd25519(
  key: Ed25519Key,
  { algorithm, signature }: SshSignature,
  message: Uint8Array<ArrayBuffer>,
) {
  if (algorithm !== 'ssh-ed25519' || !isWellFormedSignature(key.publicKey, signature)) return false;
  const imported = await crypto.subtle.importKey('raw', key.publicKey, { name: 'Ed25519' }, false, ['verify']);
  return crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, message);
}

async function verifyEcdsa(key: EcdsaKey, { algorithm, signature }: SshSignature, message: Uint8Array<ArrayBuffer>) {
  if (algorithm !== `ecdsa-sha2-${key.curve}`) return false;
  const curve = CURVES[key.curve];
  const reader = new SshReader(signature);
  const r = reader.positiveMpint(curve.bytes);
  const s = reader.positiveMpint(curve.bytes);
  reader.end();
  const imported = await crypto.subtle.importKey('raw', key.point, { name: 'ECDSA', namedCurve: curve.name }, false, [
    'verify',
  ]);
  const fixed = concat(leftPadded(r, curve.bytes), leftPadded(s, curve.bytes));
  return crypto.subtle.verify({ name: 'ECDSA', hash: curve.hash }, imported, fixed, message);
}

async function verifyRsa(key: RsaKey, { algorithm, signature }: SshSignature, message: Uint8Array<ArrayBuffer>) {
  const hash = algorithm === 'rsa-sha2-256' ? 'SHA-256' : algorithm === 'rsa-sha2-512' ? 'SHA-512' : null;
  if (hash === null || signature.length > key.modulus.length) return false;
  const jwk = { kty: 'RSA', n: toBase64Url(key.modulus), e: toBase64Url(key.exponent) };
  const imported = await crypto.subtle.importKey('jwk', jwk, { name: 'RSASSA-PKCS1-v1_5', hash }, false, ['verify']);
  // Some servers drop a signature's leading zeros; OpenSSH puts them back (ssh-rsa.c), and so do we.
  const full = leftPadded(signature, key.modulus.length);
  return crypto.subtle.verify({ name: 'RSASSA-PKCS1-v1_5' }, imported, full, message);
}

function leftPadded(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  return concat(new Uint8Array(length - bytes.length), bytes);
}
