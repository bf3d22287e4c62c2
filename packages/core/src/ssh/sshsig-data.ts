import { ascii } from '@palmkey/envelope';
import { SshFormatError } from './errors.ts';
import { SshReader, SshWriter } from './wire.ts';

/** The longest namespace, in bytes of UTF-8. */
export const MAX_NAMESPACE_BYTES = 255;
/** Bytes of the digest, by hash. */
const DIGEST_BYTES = { sha256: 32, sha512: 64 } as const;
const MAGIC = 'SSHSIG';

export type SshsigHash = keyof typeof DIGEST_BYTES;

/** What an SSH signature of a file is over (OpenSSH `PROTOCOL.sshsig`): what it is for, and the digest of the file. */
export interface SshsigData {
  /** 1 to 255 bytes of UTF-8, `git` or `file`, say: not made safe for a screen. */
  readonly namespace: string;
  readonly hash: SshsigHash;
  /** 32 or 64 bytes, as the hash gives. */
  readonly digest: Uint8Array;
}

/** `"SSHSIG" ‖ string namespace ‖ string "" ‖ string hash ‖ string digest`. Throws {@link SshFormatError} on fields out of bounds. */
export function encodeSshsigData({ namespace, hash, digest }: SshsigData): Uint8Array<ArrayBuffer> {
  checkDigest(hash, digest);
  return writeMagic().string(checkedNamespace(namespace)).name('').name(hash).string(digest).done();
}

/** Reads what {@link encodeSshsigData} writes and nothing else: an unknown hash or a reserved field in use is refused. Throws {@link SshFormatError}. */
export function parseSshsigData(bytes: Uint8Array): SshsigData & { readonly digest: Uint8Array<ArrayBuffer> } {
  const reader = new SshReader(bytes);
  readMagic(reader);
  const { namespace, hash } = readPurpose(reader);
  const digest = reader.string(DIGEST_BYTES[hash]);
  reader.end();
  checkDigest(hash, digest);
  return { namespace, hash, digest };
}

/** A writer that has written `SSHSIG`. */
export function writeMagic(): SshWriter {
  return new SshWriter().raw(ascii(MAGIC));
}

/** Reads `SSHSIG`. Throws {@link SshFormatError}. */
export function readMagic(reader: SshReader): void {
  for (const character of ascii(MAGIC)) {
    if (reader.byte() !== character) throw new SshFormatError('not a file signature');
  }
}

/** Reads `string namespace ‖ string "" ‖ string hash`. Throws {@link SshFormatError}. */
export function readPurpose(reader: SshReader): { readonly namespace: string; readonly hash: SshsigHash } {
  const namespace = reader.text(MAX_NAMESPACE_BYTES);
  checkedNamespace(namespace);
  if (reader.string(0).length > 0) throw new SshFormatError('a reserved field that is in use');
  const hash = reader.text(16);
  if (hash !== 'sha256' && hash !== 'sha512') throw new SshFormatError('a file signature by an unknown hash');
  return { namespace, hash };
}

/** The namespace's bytes. Throws {@link SshFormatError} on none, on more than 255 and on a NUL, which ends a name for ssh-keygen. */
export function checkedNamespace(namespace: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(namespace);
  if (bytes.length === 0) throw new SshFormatError('a file signature without a namespace');
  if (bytes.includes(0)) throw new SshFormatError('a namespace with a NUL');
  if (bytes.length > MAX_NAMESPACE_BYTES) throw new SshFormatError('a namespace that is too long');
  return bytes;
}

function checkDigest(hash: SshsigHash, digest: Uint8Array): void {
  if (digest.length !== DIGEST_BYTES[hash]) throw new SshFormatError('a digest whose length is not that of its hash');
}
