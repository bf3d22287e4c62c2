import type { AgreementPublicKey } from '@palmkey/envelope';
import { ascii, concat } from '@palmkey/envelope';
import { sha256 } from '../crypto/index.ts';

/** `SHA-256("palmkey/pairing-commit/1" ‖ s_pub ‖ reveal)`, 32 bytes. */
export function commitmentOf(sessionKey: AgreementPublicKey, reveal: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(concat(ascii('palmkey/pairing-commit/1'), sessionKey, reveal));
}

/**
 * What both sides sign and derive the code from, 32 bytes (spec/pairing.md): a hash over the link's payload, the
 * plaintexts of hello and me request, and the reveal, each behind its u32 length.
 */
export function transcriptOf(
  link: Uint8Array,
  hello: Uint8Array,
  meRequest: Uint8Array,
  reveal: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const parts = [link, hello, meRequest, reveal].map(lengthPrefixed);
  return sha256(concat(ascii('palmkey/pairing-transcript/1'), ...parts));
}

/** The six digits that a person carries from the phone to the computer. */
export function codeOf(transcript: Uint8Array): string {
  const digest = sha256(concat(ascii('palmkey/pairing-code/1'), transcript));
  const number = new DataView(digest.buffer).getBigUint64(0) % 1_000_000n;
  return number.toString().padStart(6, '0');
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concat(length, bytes);
}
