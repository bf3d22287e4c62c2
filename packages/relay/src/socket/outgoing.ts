import type { Duplex } from 'node:stream';
import type { AtTurnsEnd, Turn } from './turn.ts';

/** RFC 6455 §5.2: FIN and the opcode of a binary message. */
const FINAL_BINARY = 0x82;

/**
 * In which frames are joined: a buffer for each write is what the garbage collector is busiest with.
 */
const SCRATCH_BYTES = 64 * 1024;
let scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * What goes out on one socket. Frames for it in one turn of the event loop are joined into one write, as WebSocket
 * messages of their own: one system call for many is worth two to five times the throughput of one for each.
 *
 * Messages from a server are neither masked nor, here, compressed. Each write holds whole ones, between which control
 * frames may be put.
 */
export class Outgoing implements AtTurnsEnd {
  readonly #socket: Duplex;
  readonly #turn: Turn;
  readonly #onDrained: () => void;
  #frames: Uint8Array[] = [];
  #bytes = 0;

  /** `onDrained` is called when the other side has read all of what was more than its socket takes. */
  constructor(socket: Duplex, turn: Turn, onDrained: () => void) {
    this.#socket = socket;
    this.#turn = turn;
    this.#onDrained = onDrained;
  }

  /** Bytes that the other side has not read yet. */
  get waitingBytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  /** Writes a frame at the end of the turn; the frame must not change until then. */
  push(frame: Uint8Array): void {
    if (this.#frames.length === 0) this.#turn.write(this);
    this.#frames.push(frame);
    this.#bytes += frame.length;
  }

  onTurnsEnd(): void {
    this.flush();
  }

  /** Writes now what waits. */
  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    let length = 0;
    for (const frame of frames) length += headerBytes(frame.length) + frame.length;
    const joined = length <= SCRATCH_BYTES ? scratch : Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const frame of frames) {
      at = writeHeader(joined, at, frame.length);
      joined.set(frame, at);
      at += frame.length;
    }
    this.#frames = [];
    this.#bytes = 0;
    if (!this.#socket.writable) return;
    const waited = this.#socket.writableNeedDrain;
    if (!this.#socket.write(joined.subarray(0, length)) && !waited) this.#socket.once('drain', this.#onDrained);
    // Where nothing waits the system has all of it; else these bytes are the socket's until it has.
    if (joined === scratch && this.#socket.writableLength > 0) scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  }
}

function headerBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

function writeHeader(into: Buffer, at: number, length: number): number {
  into[at] = FINAL_BINARY;
  if (length < 126) {
    into[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    into[at + 1] = 126;
    return into.writeUInt16BE(length, at + 2);
  }
  into[at + 1] = 127;
  into.writeUInt32BE(0, at + 2);
  return into.writeUInt32BE(length, at + 6);
}
