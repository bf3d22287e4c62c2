import type { MaybePromise } from '../crypto/index.ts';

/**
 * Port: scrypt (RFC 7914) with r 8 and p 1. `cost` is N, a power of two; it needs 1 KiB of memory for each of its units,
 * and for 2^17 about a third of a second. The salt may be empty.
 */
export type Scrypt = (
  password: Uint8Array,
  salt: Uint8Array,
  cost: number,
  outBytes: number,
) => MaybePromise<Uint8Array>;
