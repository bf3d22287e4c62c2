import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import type { Connection } from './connection.ts';
import { FrameReader, type FrameEvents } from './frame-reader.ts';
import { Outgoing } from './outgoing.ts';
import type { Turn } from './turn.ts';
import type { Wire } from './wire.ts';

/** RFC 6455 §5.2: FIN and the opcodes of control frames. */
const FINAL_CLOSE = 0x88;
const FINAL_PING = 0x89;
const FINAL_PONG = 0x8a;
const PING = Buffer.of(FINAL_PING, 0);

interface WebSocketOptions {
  readonly socket: Socket;
  readonly address: string;
  readonly turn: Turn;
  readonly clock: Clock;
  /** Makes what is at the end of this wire. */
  readonly connect: (wire: Wire) => Connection;
  /** The socket is gone. */
  readonly onGone: () => void;
}

/** One WebSocket on a socket whose handshake is done (RFC 6455): frames in, frames out, pings, and the closing. */
export class WebSocketWire implements Wire, FrameEvents {
  readonly address: string;
  readonly connection: Connection;
  /** Pings that were not answered. */
  missedPings = 0;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #outgoing: Outgoing;
  readonly #reader = new FrameReader(limits.maxFrameBytes, this);
  #closing = false;

  constructor({ socket, address, turn, clock, connect, onGone }: WebSocketOptions) {
    this.#socket = socket;
    this.address = address;
    this.#clock = clock;
    this.#outgoing = new Outgoing(socket, turn, () => {
      this.connection.drained();
    });
    // No time limit of the HTTP server holds any more.
    socket.setTimeout(0);
    socket.setNoDelay(true);
    this.connection = connect(this);
    socket.on('data', (chunk: Buffer) => {
      this.take(chunk);
    });
    socket.on('end', () => {
      socket.end();
    });
    // It closes then.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#reader.stop();
      this.connection.gone();
      onGone();
    });
  }

  get waitingBytes(): number {
    return this.#outgoing.waitingBytes;
  }

  push(frame: Uint8Array): void {
    this.#outgoing.push(frame);
  }

  end(closeCode: number): void {
    this.#close(closeCode);
  }

  /** Takes bytes that the socket has read. */
  take(chunk: Buffer): void {
    const violation = this.#reader.take(chunk);
    if (violation === undefined) return;
    this.#close(violation);
    this.connection.gone();
    this.#socket.end();
  }

  /** Asks whether the other side is there; cuts it off when it has not answered for too long. */
  ping(): void {
    if (this.missedPings >= limits.missedPings) {
      this.#socket.destroy();
      return;
    }
    this.missedPings++;
    if (!this.#closing) this.#write(PING);
  }

  onMessage(bytes: Buffer): void {
    this.connection.receive(bytes);
  }

  onText(): void {
    this.connection.fail('bad-frame');
  }

  onPing(payload: Buffer): void {
    if (this.#closing || !this.connection.mayAnswerPing(payload.length)) return;
    this.#write(Buffer.concat([Buffer.of(FINAL_PONG, payload.length), payload]));
  }

  onPong(): void {
    this.missedPings = 0;
  }

  onClose(code: number): void {
    // RFC 6455 §5.5.1: answered with the code that came, unless this is the answer.
    this.#close(code);
    this.connection.gone();
    this.#socket.end();
  }

  /** Says what waits and that it is over, once; whoever does not answer is cut off. */
  #close(code: number): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#outgoing.flush();
    this.#write(code === NO_CODE ? Buffer.of(FINAL_CLOSE, 0) : Buffer.of(FINAL_CLOSE, 2, code >> 8, code & 0xff));
    const cancel = this.#clock.after(limits.closeWithinMs, () => {
      this.#socket.destroy();
    });
    this.#socket.once('close', cancel);
  }

  #write(frame: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frame);
  }
}

/** The code of a close frame without one (RFC 6455 §7.4.1); never on the wire. */
const NO_CODE = 1005;
