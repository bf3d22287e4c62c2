import type { ChainPrimitives } from '@palmkey/chain';
/** Replay's port over Node's own cryptography: it hashes and verifies, and verifies beside the event loop. */
export declare const chainPrimitives: ChainPrimitives;
