import { ascii, concat, toHex } from '@palmkey/envelope';
import { foldName } from '../account/index.ts';
import { sha256 } from '../crypto/index.ts';
import type { SessionId } from './session.ts';
import { TAKEN_NAME_BYTES } from './wire.ts';

/**
 * The names that devices have or had, as X tells them: Y can try one that it knows or guesses, and read none
 * (spec/provisioning.md, "RPC").
 */
export function hashNames(session: SessionId, names: readonly string[]): Uint8Array<ArrayBuffer> {
  return concat(...names.map((name) => hashName(session, name)));
}

/** Whether a name is the same to people as one of those. */
export function isTaken(session: SessionId, hashes: Uint8Array, name: string): boolean {
  const wanted = toHex(hashName(session, name));
  for (let at = 0; at < hashes.length; at += TAKEN_NAME_BYTES) {
    if (toHex(hashes.subarray(at, at + TAKEN_NAME_BYTES)) === wanted) return true;
  }
  return false;
}

/** The first bytes of `SHA-256("palmkey/taken-name/1" ‖ session id ‖ the folded name as UTF-8)`. */
function hashName(session: SessionId, name: string): Uint8Array {
  const folded = new TextEncoder().encode(foldName(name));
  return sha256(concat(ascii('palmkey/taken-name/1'), session, folded)).subarray(0, TAKEN_NAME_BYTES);
}
