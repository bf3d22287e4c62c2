import { SshFormatError } from './errors.ts';
import { SshReader, SshWriter } from './wire.ts';

/** The longest signature blob: RSA of 16,384 bits, its name, and two lengths. */
export const MAX_SIGNATURE_BYTES = 4096;

/** A signature blob taken apart: the algorithm's name and what is of its own form. */
export interface SshSignature {
  readonly algorithm: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** `string algorithm ‖ string signature` (RFC 8709 §6): 83 bytes for the 64 of Ed25519. Throws {@link SshFormatError} on another length. */
export function encodeSshSignature(algorithm: 'ssh-ed25519', signature: Uint8Array): Uint8Array<ArrayBuffer> {
  if (signature.length !== 64) throw new SshFormatError('an Ed25519 signature that is not 64 bytes');
  return new SshWriter().name(algorithm).string(signature).done();
}

/** Takes a signature blob apart; whether the algorithm fits the key is the verifier's question. Throws {@link SshFormatError}. */
export function parseSshSignature(blob: Uint8Array): SshSignature {
  const reader = new SshReader(blob);
  const algorithm = reader.text(64);
  const signature = reader.string(MAX_SIGNATURE_BYTES);
  reader.end();
  return { algorithm, signature };
}
