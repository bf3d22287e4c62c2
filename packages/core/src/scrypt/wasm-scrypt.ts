import { scrypt } from 'hash-wasm';
import type { Scrypt } from './port.ts';

/**
 * {@link Scrypt} in WebAssembly. It holds its thread for as long as it computes: in a page it belongs in a worker, whose
 * content security policy must have `wasm-unsafe-eval`.
 */
export const wasmScrypt: Scrypt = (password, salt, cost, outBytes) =>
  scrypt({
    password,
    salt,
    costFactor: cost,
    blockSize: 8,
    parallelism: 1,
    hashLength: outBytes,
    outputType: 'binary',
  });
