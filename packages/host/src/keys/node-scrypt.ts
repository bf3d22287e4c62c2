import { scrypt } from 'node:crypto';
import type { Scrypt } from '@palmkey/core/scrypt';

const BLOCK_SIZE = 8;

/** {@link Scrypt} of OpenSSL, on one of Node's own threads. */
export const nodeScrypt: Scrypt = (password, salt, cost, outBytes) =>
  new Promise((resolve, reject) => {
    // What OpenSSL counts: its table, and three blocks beside it.
    const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 128 * BLOCK_SIZE * (cost + 4) };
    scrypt(password, salt, outBytes, options, (error, key) => {
      if (error) reject(error);
      else resolve(new Uint8Array(key));
    });
  });
