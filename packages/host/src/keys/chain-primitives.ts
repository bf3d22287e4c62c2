import { type KeyObject, verify } from 'node:crypto';
import type { Primitives } from '@palmkey/core/crypto';
import { nodePrimitives, verifyKeys } from './node-primitives.ts';

/**
 * {@link nodePrimitives} that verify beside the thread which answers `ssh`: a chain has thousands of signatures, and
 * all cores share them. Node's WebCrypto does so too, with a tenth more work on this thread.
 */
export const chainPrimitives: Primitives = {
  ...nodePrimitives,
  verify: (publicKey, message, signature) =>
    new Promise((resolve) => {
      let key: KeyObject;
      try {
        key = verifyKeys.of(publicKey);
      } catch {
        // Bytes that are no key verify nothing.
        resolve(false);
        return;
      }
      verify(null, message, key, signature, (error, holds) => {
        resolve(error === null && holds);
      });
    }),
};
