import { scrypt } from 'node:crypto';
import type { Scrypt } from '@palmkey/core/scrypt';

const BLOCK_SIZE = 8;

/** {@link Scrypt} of OpenSSL, on one of Node's own threads. */
export const nodeScrypt: Scrypt = (password, salt, cost, outBytes) =>
  new Promise((resolve, reject) => {
    // Twice what the algorithm needs: OpenSSL counts its own buffers too, and refuses at the limit.
    const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 2 * 128 * cost * BLOCK_SIZE };
    scrypt(password, salt, outBytes, options, (error, key) => {
      if (error) reject(error);
      else resolve(new Uint8Array(key));
    });
  });
