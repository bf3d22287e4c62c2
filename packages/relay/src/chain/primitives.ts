import type { ChainPrimitives } from '@palmkey/chain';
import { toBase64Url } from '@palmkey/envelope';
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

/** Replay's port over Node's own cryptography: it hashes and verifies, and verifies beside the event loop. */
export const chainPrimitives: ChainPrimitives = {
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  verify: (publicKey, message, signature) =>
    new Promise((resolve) => {
      let key: KeyObject;
      try {
        key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) }, format: 'jwk' });
      } catch {
        // A key that is no point of the curve.
        resolve(false);
        return;
      }
      verify(null, message, key, signature, (error, holds) => {
        resolve(error === null && holds);
      });
    }),
};
