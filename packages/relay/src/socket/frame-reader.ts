import { isUtf8 } from 'node:buffer';

/** What a WebSocket client has said. */
export interface FrameEvents {
  /** A binary message, unmasked, in bytes that nobody else changes; they may be a view of what came in with others. */
  onMessage(bytes: Buffer): void;
  /** A text message begins. */
  onText(): void;
  /** At most 125 bytes. */
  onPing(payload: Buffer): void;
  onPong(): void;
  /** The other side closes, with that code or 1005 for none; nothing more is read. */
  onClose(code: number): void;
}

/** Close codes for what is no WebSocket (RFC 6455 §7.4.1): protocol error, inconsistent data, too big. */
export type Violation = 1002 | 1007 | 1009;

const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const MAX_HEADER_BYTES = 14;
/** More fragments than that of one message are joined before it is whole: many may be empty. */
const MAX_FRAGMENTS = 64;
const NOTHING = Buffer.alloc(0);

/**
 * Reads the frames of a WebSocket client (RFC 6455 §5), as a server without extensions must: every frame masked, lengths
 * in their shortest form, control frames whole and short, close codes and reasons sound. Whole messages are handed out as
 * views of what came in, unmasked in place four bytes at a time: copying and unmasking byte by byte is a fifth of what a
 * message costs. What is not whole yet is kept in a buffer that grows with what has come, not with what was promised.
 */
export class FrameReader {
  readonly #events: FrameEvents;
  readonly #maxMessageBytes: number;
  /** A frame that is not whole: its bytes so far, and how many there are. */
  #kept = NOTHING;
  #keptBytes = 0;
  /** The fragments of a message that is not whole; null between messages. */
  #fragments: Buffer[] | null = null;
  #fragmentBytes = 0;
  #over = false;

  constructor(maxMessageBytes: number, events: FrameEvents) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#events = events;
  }

  /** Nothing more is read. */
  stop(): void {
    this.#over = true;
    this.#kept = NOTHING;
    this.#keptBytes = 0;
    this.#fragments = null;
  }

  /** Takes bytes as they come, cut anywhere; they are changed and kept. Says what is wrong with them, and stops there. */
  take(chunk: Buffer): Violation | undefined {
    let rest: Buffer | null = chunk;
    if (this.#keptBytes > 0) {
      const wanted = this.#complete(chunk);
      if (typeof wanted === 'number') return this.#end(wanted);
      rest = wanted;
    }
    return rest === null ? undefined : this.#takeWhole(rest);
  }

  /** Frames that lie whole in the bytes; what is left over is kept. */
  #takeWhole(bytes: Buffer): Violation | undefined {
    const words = wordsOf(bytes);
    let at = 0;
    while (!this.#over && at < bytes.length) {
      const frameBytes = this.#frameBytes(bytes, at, bytes.length);
      if (frameBytes < 0) return this.#end(-frameBytes as Violation);
      if (frameBytes === 0 || at + frameBytes > bytes.length) {
        this.#keep(bytes.subarray(at), frameBytes);
        return undefined;
      }
      const fault = this.#takeFrame(bytes, at, at + frameBytes, words);
      if (fault) return this.#end(fault);
      at += frameBytes;
    }
    return undefined;
  }

  /**
   * Adds to what is kept until it is a frame, and takes that. The bytes that are left, null for none, or what is wrong.
   */
  #complete(chunk: Buffer): Buffer | Violation | null {
    let at = 0;
    for (;;) {
      const frameBytes = this.#frameBytes(this.#kept, 0, this.#keptBytes);
      if (frameBytes < 0) return -frameBytes as Violation;
      if (frameBytes > 0 && this.#keptBytes >= frameBytes) {
        const whole = this.#kept;
        this.#kept = NOTHING;
        this.#keptBytes = 0;
        const fault = this.#takeFrame(whole, 0, frameBytes, wordsOf(whole));
        if (fault) return fault;
        return this.#over || at === chunk.length ? null : chunk.subarray(at);
      }
      if (at === chunk.length) return null;
      // Until the header is whole a byte at a time: no byte of the next frame may get in.
      const wanted = frameBytes === 0 ? 1 : frameBytes - this.#keptBytes;
      const part = chunk.subarray(at, at + wanted);
      this.#keep(part, frameBytes);
      at += part.length;
    }
  }

  /** Keeps bytes of a frame of `frameBytes`, 0 where that is not known yet. */
  #keep(bytes: Buffer, frameBytes: number): void {
    const needed = this.#keptBytes + bytes.length;
    if (needed > this.#kept.length) {
      const most = frameBytes === 0 ? MAX_HEADER_BYTES : frameBytes;
      const room = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(most, 2 * needed)));
      this.#kept.copy(room, 0, 0, this.#keptBytes);
      this.#kept = room;
    }
    bytes.copy(this.#kept, this.#keptBytes);
    this.#keptBytes = needed;
  }

  /** How long the frame at `at` is with its header; 0 where the header is not whole; a {@link Violation}, negated. */
  #frameBytes(bytes: Buffer, at: number, end: number): number {
    const available = end - at;
    if (available < 1) return 0;
    const first = bytes[at] ?? 0;
    const opcode = first & 0x0f;
    const isFinal = first >= 0x80;
    const isControl = opcode >= CLOSE;
    if ((first & 0x70) !== 0 || opcode > PONG || (opcode > BINARY && opcode < CLOSE)) return -1002;
    if (isControl && !isFinal) return -1002;
    if (!isControl && (opcode === CONTINUATION) !== (this.#fragments !== null)) return -1002;
    if (available < 2) return 0;
    const second = bytes[at + 1] ?? 0;
    if (second < 0x80) return -1002;
    const short = second & 0x7f;
    if (isControl && short > 125) return -1002;
    if (short < 126) return this.#sized(6, short, isControl);
    if (short === 126) {
      if (available < 4) return 0;
      const length = bytes.readUInt16BE(at + 2);
      return length < 126 ? -1002 : this.#sized(8, length, false);
    }
    if (available < 10) return 0;
    const high = bytes.readUInt32BE(at + 2);
    const low = bytes.readUInt32BE(at + 6);
    if (high >= 0x8000_0000 || (high === 0 && low < 65_536)) return -1002;
    return this.#sized(14, high * 0x1_0000_0000 + low, false);
  }

  #sized(headerBytes: number, length: number, isControl: boolean): number {
    const before = isControl ? 0 : this.#fragmentBytes;
    return before + length > this.#maxMessageBytes ? -1009 : headerBytes + length;
  }

  /** Takes the frame that stands whole between `at` and `end`. */
  #takeFrame(bytes: Buffer, at: number, end: number, words: Int32Array): Violation | undefined {
    const first = bytes[at] ?? 0;
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const start = at + (short < 126 ? 6 : short === 126 ? 8 : 14);
    unmask(bytes, start, end, words);
    const payload = bytes.subarray(start, end);
    switch (first & 0x0f) {
      case CLOSE: {
        return this.#close(payload);
      }
      case PING: {
        this.#events.onPing(payload);
        return undefined;
      }
      case PONG: {
        this.#events.onPong();
        return undefined;
      }
      case TEXT: {
        this.#events.onText();
        if (first < 0x80) this.#fragments = [];
        return undefined;
      }
      default: {
        this.#data(payload, first >= 0x80);
        return undefined;
      }
    }
  }

  #data(payload: Buffer, isFinal: boolean): void {
    if (this.#fragments === null && isFinal) {
      this.#events.onMessage(payload);
      return;
    }
    // A view would keep alive all that came in with it, for as long as the sender likes.
    (this.#fragments ??= []).push(Buffer.from(payload));
    this.#fragmentBytes += payload.length;
    if (!isFinal && this.#fragments.length < MAX_FRAGMENTS) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = isFinal ? null : [whole];
    if (!isFinal) return;
    this.#fragmentBytes = 0;
    this.#events.onMessage(whole);
  }

  #close(payload: Buffer): Violation | undefined {
    if (payload.length === 1) return 1002;
    const code = payload.length === 0 ? 1005 : payload.readUInt16BE(0);
    if (payload.length > 0 && !isCloseCode(code)) return 1002;
    if (!isUtf8(payload.subarray(2))) return 1007;
    this.#over = true;
    this.#events.onClose(code);
    return undefined;
  }

  #end(fault: Violation): Violation {
    this.stop();
    return fault;
  }
}

/** The bytes that lie at multiples of four, as words. */
function wordsOf(bytes: Buffer): Int32Array {
  const skipped = -bytes.byteOffset & 3;
  return new Int32Array(bytes.buffer, bytes.byteOffset + skipped, Math.max(0, (bytes.length - skipped) >> 2));
}

const maskBytes = new Uint8Array(4);
const maskWord = new Int32Array(maskBytes.buffer);

/** Takes the mask off a payload, in place; the mask's four bytes stand before it (RFC 6455 §5.3). */
function unmask(bytes: Buffer, start: number, end: number, words: Int32Array): void {
  const key = start - 4;
  const wordsAt = words.byteOffset - bytes.byteOffset;
  let at = start;
  if (end - start >= 16) {
    for (; ((at - wordsAt) & 3) !== 0; at++) bytes[at] = (bytes[at] ?? 0) ^ (bytes[key + ((at - start) & 3)] ?? 0);
    for (let i = 0; i < 4; i++) maskBytes[i] = bytes[key + ((at - start + i) & 3)] ?? 0;
    const mask = maskWord[0] ?? 0;
    const last = (end - wordsAt) >> 2;
    for (let word = (at - wordsAt) >> 2; word < last; word++) words[word] = (words[word] ?? 0) ^ mask;
    at = wordsAt + 4 * last;
  }
  for (; at < end; at++) bytes[at] = (bytes[at] ?? 0) ^ (bytes[key + ((at - start) & 3)] ?? 0);
}

/** Whether a client may close with that code (RFC 6455 §7.4, and the registry of IANA). */
function isCloseCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code < 5000)
  );
}
