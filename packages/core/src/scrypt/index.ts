/** scrypt, as a port and in WebAssembly (RFC 7914). Apart from the rest, since only few load it. */
export type { Scrypt } from './port.ts';
export { wasmScrypt } from './wasm-scrypt.ts';
