import { ascii, concat } from '@palmkey/envelope';
import { sha256 } from '../crypto/index.ts';
import type { SessionId } from './session.ts';
import type { HelloAnswer } from './wire.ts';

/**
 * The six digits that both devices show: the first 8 bytes of `SHA-256("palmkey/kex-code/1" ‖ session id ‖ u32 length ‖
 * what Y signed ‖ dhPublicKey)` modulo 1,000,000.
 */
export function joiningCode(
  session: SessionId,
  { sibkeySigBodySigned, dhPublicKey }: Pick<HelloAnswer, 'sibkeySigBodySigned' | 'dhPublicKey'>,
): string {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, sibkeySigBodySigned.length);
  const digest = sha256(concat(ascii('palmkey/kex-code/1'), session, length, sibkeySigBodySigned, dhPublicKey));
  const number = new DataView(digest.buffer).getBigUint64(0) % 1_000_000n;
  return number.toString().padStart(6, '0');
}
