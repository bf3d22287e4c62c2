import { ascii, concat } from '@palmkey/envelope';
import { sha256 } from '../crypto/index.ts';
import type { SessionId } from './session.ts';
import type { HelloAnswer } from './wire.ts';

/**
 * What X says of its share of the code before it has heard anything of Y: `SHA-256("palmkey/kex-code-share/1" ‖ session
 * id ‖ nonce (32))`, 32 bytes. It hides the share, and holds X to it.
 */
export function codeCommitment(session: SessionId, nonce: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(concat(ascii('palmkey/kex-code-share/1'), session, nonce));
}

/**
 * The six digits that both devices show: the first 8 bytes of `SHA-256("palmkey/kex-code/1" ‖ session id ‖ nonce (32) ‖
 * u32 length ‖ what Y signed ‖ dhPublicKey)` modulo 1,000,000. The nonce is told after what Y signed, and was committed
 * to before: whoever stands between the two with the secret cannot compute until both show the same.
 */
export function joiningCode(
  session: SessionId,
  nonce: Uint8Array,
  { sibkeySigBodySigned, dhPublicKey }: Pick<HelloAnswer, 'sibkeySigBodySigned' | 'dhPublicKey'>,
): string {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, sibkeySigBodySigned.length);
  const digest = sha256(concat(ascii('palmkey/kex-code/1'), session, nonce, length, sibkeySigBodySigned, dhPublicKey));
  const number = new DataView(digest.buffer).getBigUint64(0) % 1_000_000n;
  return number.toString().padStart(6, '0');
}
