import { HEADER_BYTES, RelayError } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import type { Connection } from '../socket/connection.ts';
import type { Wire } from '../socket/wire.ts';

/** Frames that have been sent on a line, as one fetch gets them. */
export interface Fetched {
  /** The index of the first, which is that of the next one where there is none; the first of a line has 1. */
  readonly from: number;
  readonly frames: readonly Uint8Array[];
}

/** What a line needs. */
interface LinePorts {
  readonly clock: Clock;
  /** The other side's network address, for the log. */
  readonly address: string;
  readonly connect: (wire: Wire) => Pick<Connection, 'receive' | 'fail' | 'gone' | 'drained'>;
  /** The line is over and nobody can use it any more. */
  readonly onOver: () => void;
}

/** A connection whose frames are carried by HTTP requests (spec/relay.md, "lines"). */
export class Line implements Wire {
  readonly address: string;
  readonly #ports: LinePorts;
  readonly #connection: Pick<Connection, 'receive' | 'fail' | 'gone' | 'drained'>;
  /** Sent and not let go of; the first has the index {@link #from}. */
  #frames: Uint8Array[] = [];
  #from = 1;
  #bytes = 0;
  #lastSeqno = 0;
  #ended = false;
  #isOver = false;
  /** Answers the fetch that waits. */
  #answer: (() => void) | undefined;
  #cancelIdle: () => void = () => undefined;

  constructor(ports: LinePorts) {
    this.#ports = ports;
    this.address = ports.address;
    this.#expectFetch(limits.lineIdleMs);
    this.#connection = ports.connect(this);
  }

  /** Bytes that the other side has not let go of yet. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  push(frame: Uint8Array): void {
    if (this.#isOver) return;
    // It stays here until it is fetched, and whoever sent it may use its bytes again after this turn.
    this.#frames.push(Uint8Array.from(frame));
    this.#bytes += frame.length;
    // With all that is pushed in this turn.
    if (this.#answer) setImmediate(() => this.#answer?.());
  }

  end(): void {
    this.#ended = true;
    this.#answer?.();
    if (this.#frames.length > 0) this.#expectFetch(limits.lineLastFetchMs);
    else this.#over();
  }

  /** Says that the relay goes down, which can still be fetched. */
  drain(): void {
    this.#connection.fail('draining');
  }

  /** Whoever is on the other side has closed the line, or has been silent for too long. */
  close(): void {
    if (this.#isOver) return;
    if (!this.#ended) this.#connection.gone();
    this.#over();
  }

  /**
   * Takes the frames of a post, each once; throws `RelayError` `conflict` for a seqno that is not the next, `bad-frame`
   * for a body that is not frames, `no-line` once the line has ended.
   */
  receive(seqno: number, body: Buffer): void {
    if (this.#ended || this.#isOver) throw new RelayError('no-line');
    if (seqno >= 1 && seqno === this.#lastSeqno) return;
    if (seqno !== this.#lastSeqno + 1) throw new RelayError('conflict');
    const frames = framesOf(body);
    this.#lastSeqno = seqno;
    for (const frame of frames) this.#connection.receive(frame);
  }

  /**
   * The frames after the `after`-th, as many as 1 MiB holds; waits for one for at most `waitMs`, or until `gone` aborts.
   * What is at or before it is let go of. Throws `RelayError` `bad-frame` for an index that was not sent yet.
   */
  async fetch(after: number, waitMs: number, gone: AbortSignal): Promise<Fetched> {
    if (after >= this.#from + this.#frames.length) throw new RelayError('bad-frame');
    this.#letGo(after);
    this.#answer?.();
    if (this.#frames.length === 0 && !this.#ended && waitMs > 0 && !gone.aborted) await this.#wait(waitMs, gone);
    // Whoever breaks off a fetch has most likely vanished.
    const isShort = this.#ended || gone.aborted;
    if (this.#answer === undefined) this.#expectFetch(isShort ? limits.lineLastFetchMs : limits.lineIdleMs);
    if (after < this.#from - 1) return { from: this.#from, frames: [] };
    return { from: this.#from, frames: this.#head() };
  }

  #wait(waitMs: number, gone: AbortSignal): Promise<void> {
    this.#cancelIdle();
    return new Promise((resolve) => {
      const answer = (): void => {
        cancel();
        gone.removeEventListener('abort', answer);
        if (this.#answer === answer) this.#answer = undefined;
        resolve();
      };
      const cancel = this.#ports.clock.after(waitMs, answer);
      gone.addEventListener('abort', answer);
      this.#answer = answer;
    });
  }

  #head(): Uint8Array[] {
    let bytes = 0;
    const end = this.#frames.findIndex((frame) => (bytes += frame.length) > limits.maxFetchedBytes);
    return end < 0 ? [...this.#frames] : this.#frames.slice(0, Math.max(1, end));
  }

  #letGo(after: number): void {
    const gone = this.#frames.splice(0, Math.max(0, after - this.#from + 1));
    this.#from += gone.length;
    for (const frame of gone) this.#bytes -= frame.length;
    if (this.#frames.length > 0) return;
    if (this.#ended) this.#over();
    else if (gone.length > 0) this.#connection.drained();
  }

  #expectFetch(withinMs: number): void {
    this.#cancelIdle();
    if (this.#isOver) return;
    this.#cancelIdle = this.#ports.clock.after(withinMs, () => {
      this.close();
    });
  }

  #over(): void {
    this.#isOver = true;
    this.#cancelIdle();
    this.#answer?.();
    this.#ports.onOver();
  }
}

/** Takes a body apart, `u32 length ‖ frame` each. What a frame holds is for the connection to judge. */
function framesOf(body: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const length = at + 4 <= body.length ? body.readUInt32BE(at) : 0;
    if (length < HEADER_BYTES || at + 4 + length > body.length) throw new RelayError('bad-frame');
    // The relay writes into frames that it forwards, and keeps them: each is bytes of its own.
    frames.push(Buffer.from(body.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return frames;
}

/** The body of an answer, `u32 length ‖ frame` each. */
export function joinFrames(frames: readonly Uint8Array[]): Buffer {
  const parts = frames.flatMap((frame) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    return [length, frame];
  });
  return Buffer.concat(parts);
}
