import { concat } from '@palmkey/envelope';
import { SshFormatError } from './errors.ts';

/** The longest agent message, its length aside (OpenSSH's `AGENT_MAX_LEN`). */
export const MAX_AGENT_FRAME_BYTES = 256 * 1024;

/** Cuts a stream into the messages of the agent protocol (RFC 9987 §3): uint32 length, then that many bytes. */
export class AgentFrames {
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #held = 0;

  /** How many bytes of an unfinished message are held. */
  get held(): number {
    return this.#held;
  }

  /**
   * Takes the next piece of the stream and returns the messages it completes, each without its length. Throws
   * {@link SshFormatError} on a length of 0 or over 256 KiB, before it holds a byte of it; the stream is then of no use.
   */
  push(chunk: Uint8Array): Uint8Array<ArrayBuffer>[] {
    this.#chunks.push(chunk.slice());
    this.#held += chunk.length;
    if (this.#held < 4 || this.#held < 4 + this.#firstLength()) return [];
    const all = concat(...this.#chunks);
    const frames: Uint8Array<ArrayBuffer>[] = [];
    let offset = 0;
    while (all.length - offset >= 4) {
      const length = lengthAt(all, offset);
      if (all.length - offset < 4 + length) break;
      frames.push(all.slice(offset + 4, offset + 4 + length));
      offset += 4 + length;
    }
    this.#chunks = [all.slice(offset)];
    this.#held -= offset;
    return frames;
  }

  /** The length of the first message; only where at least 4 bytes are held. */
  #firstLength(): number {
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [concat(...this.#chunks)];
    return lengthAt(this.#chunks[0] ?? new Uint8Array(4), 0);
  }
}

function lengthAt(bytes: Uint8Array, offset: number): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset);
  if (length === 0 || length > MAX_AGENT_FRAME_BYTES) throw new SshFormatError(`an agent message of ${length} bytes`);
  return length;
}

/** A message with its length before it. */
export function encodeAgentFrame(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, message.length);
  return concat(length, message);
}
