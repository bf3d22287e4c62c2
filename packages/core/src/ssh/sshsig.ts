import type { SshsigHash } from './sshsig-data.ts';
import { SshFormatError } from './errors.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { MAX_PUBLIC_KEY_BYTES, parsePublicKey } from './public-key.ts';
import { MAX_SIGNATURE_BYTES, parseSshSignature } from './signature.ts';
import { checkedNamespace, readMagic, readPurpose, writeMagic } from './sshsig-data.ts';
import { SshReader } from './wire.ts';

/** A signature of a file as `ssh-keygen -Y` and git keep it. */
export interface Sshsig {
  /** The signer's public key blob. */
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  readonly hash: SshsigHash;
  /** A signature blob (`string algorithm ‖ string signature`) over the SSHSIG signed data. */
  readonly signature: Uint8Array;
}

const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
const END = '-----END SSH SIGNATURE-----\n';
/** Characters of base64 on a line: what ssh-keygen writes, where `PROTOCOL.sshsig` says 76. */
const COLUMNS = 70;
const VERSION = 1;
/** The longest text that is read: the longest key and signature in base64, their line ends and the frame around them. */
export const MAX_SSHSIG_CHARACTERS = 52_000;

/**
 * The signature in its armour, with a newline at the end, byte for byte as ssh-keygen writes it.
 * Throws {@link SshFormatError} where a field cannot be read back.
 */
export function encodeSshsig({ publicKey, namespace, hash, signature }: Sshsig): string {
  checkParts(publicKey, signature);
  const writer = writeMagic().uint32(VERSION).string(publicKey).string(checkedNamespace(namespace));
  const text = toBase64(writer.name('').name(hash).string(signature).done());
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += COLUMNS) lines.push(`${text.slice(at, at + COLUMNS)}\n`);
  return `${BEGIN}${lines.join('')}${END}`;
}

/**
 * Reads what {@link encodeSshsig} writes and no other spelling: one key of a known type, version 1, a signature by an
 * algorithm that is not SHA-1's. Whether it verifies is another question. Throws {@link SshFormatError}.
 */
export function parseSshsig(armoured: string): Sshsig {
  if (armoured.length > MAX_SSHSIG_CHARACTERS) throw new SshFormatError('a file signature that is too long');
  if (!armoured.startsWith(BEGIN) || !armoured.endsWith(`\n${END}`)) {
    throw new SshFormatError('a file signature without its armour');
  }
  const body = armoured.slice(BEGIN.length, -END.length);
  const reader = new SshReader(fromBase64(body.replaceAll('\n', '')));
  readMagic(reader);
  if (reader.uint32() !== VERSION) throw new SshFormatError('a file signature of another version');
  const publicKey = reader.string(MAX_PUBLIC_KEY_BYTES);
  const { namespace, hash } = readPurpose(reader);
  const signature = reader.string(MAX_SIGNATURE_BYTES);
  reader.end();
  const sshsig = { publicKey, namespace, hash, signature };
  if (encodeSshsig(sshsig) !== armoured) throw new SshFormatError('a file signature that is folded another way');
  return sshsig;
}

function checkParts(publicKey: Uint8Array, signature: Uint8Array): void {
  parsePublicKey(publicKey);
  if (signature.length > MAX_SIGNATURE_BYTES) throw new SshFormatError('a signature that is too long');
  if (parseSshSignature(signature).algorithm === 'ssh-rsa') throw new SshFormatError('a file signature with SHA-1');
}
