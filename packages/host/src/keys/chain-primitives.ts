import { type Primitives, webPrimitives } from '@palmkey/core/crypto';
import { nodePrimitives } from './node-primitives.ts';

/**
 * {@link nodePrimitives} that verify beside the thread which answers `ssh`: a chain has thousands of signatures, and as
 * many at once are cheaper so.
 */
export const chainPrimitives: Primitives = {
  ...nodePrimitives,
  verify: (publicKey, message, signature) => webPrimitives.verify(publicKey, message, signature),
};
