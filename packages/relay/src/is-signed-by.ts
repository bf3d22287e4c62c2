import {
  isWellFormedSignature,
  signedBytes,
  toBase64Url,
  type SignatureContext,
  type SigningPublicKey,
} from '@palmkey/envelope';
import { createPublicKey, verify } from 'node:crypto';

/** Whether a device has signed a message in a context (spec/README.md, "Signatures"); 64 bytes. Never throws. */
export function isSignedBy(
  key: SigningPublicKey,
  context: SignatureContext,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!isWellFormedSignature(key, signature)) return false;
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(key) }, format: 'jwk' });
    return verify(null, signedBytes(context, message), publicKey, signature);
  } catch {
    // A key that is no point of the curve.
    return false;
  }
}
