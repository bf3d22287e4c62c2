import { faultOf, HEADER_BYTES } from '@palmkey/envelope';

/** Mail as the stream holds it. */
export interface StoredMail {
  /** The number of its delivery. */
  readonly sequence: number;
  /** Ms since 1970 UTC. */
  readonly expiresAt: number;
  /** Null where what the stream holds is not mail of this version. */
  readonly frame: Buffer | null;
}

/** What is published: `u64 when it expires, ms since 1970 UTC ‖ frame`. */
export function wrapMail(expiresAt: number, frame: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(8 + frame.length);
  bytes.writeBigUInt64BE(BigInt(expiresAt), 0);
  bytes.set(frame, 8);
  return bytes;
}

/** Takes it apart; the frame is a view of `bytes`. */
export function unwrapMail(sequence: number, bytes: Uint8Array): StoredMail {
  if (bytes.length < 8 + HEADER_BYTES) return { sequence, expiresAt: 0, frame: null };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frame = buffer.subarray(8);
  const sound = faultOf(frame) === undefined;
  return { sequence, expiresAt: Number(buffer.readBigUInt64BE(0)), frame: sound ? frame : null };
}
