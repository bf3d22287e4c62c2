import type { SshReader } from './wire.ts';

/** Reads what stands before the key in a certificate: the nonce (OpenSSH `PROTOCOL.certkeys`). */
export function skipCertificateHead(reader: SshReader): void {
  reader.string();
}

/**
 * Reads what stands after the key in a certificate. None of it means anything here: neither name nor time in it is
 * believed, since its authority's signature is not checked; it is read so that nothing can hide in it.
 */
export function skipCertificateTail(reader: SshReader): void {
  reader.uint64(); // serial
  reader.uint32(); // user or host
  reader.string(); // key id
  reader.string(); // principals
  reader.uint64(); // valid after
  reader.uint64(); // valid before
  reader.string(); // critical options
  reader.string(); // extensions
  reader.string(); // reserved
  reader.string(); // the authority's key
  reader.string(); // the authority's signature
}
