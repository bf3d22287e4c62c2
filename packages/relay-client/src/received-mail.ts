import type { Resume } from '@palmkey/envelope';
import type { Timers } from './ports.ts';

/** Port: where a device's mail goes on after a restart of its program; without it, what was not acked comes again. */
export interface CursorStore {
  /** Epoch 0 where nothing was read yet. */
  read(): Resume;
  /** Called with each ack, before it goes out. */
  write(resume: Resume): void;
}

/** A cursor for as long as the program runs. */
export function memoryCursor(): CursorStore {
  let kept: Resume = { epoch: 0, cursor: 0 };
  return {
    read: () => kept,
    write: (resume) => {
      kept = resume;
    },
  };
}

/** An ack goes out after so many messages, */
const ACK_EVERY = 64;
/** or so many bytes of them: a quarter of what a relay has on its way to a device, so that it need not wait, */
const ACK_EVERY_BYTES = 256 * 1024;
/** or this long after the first that has none; */
const ACK_WITHIN_MS = 500;
/** and with what else goes out, once it has waited so long. A frame that comes with another costs the relay next to nothing. */
const ACK_ALONG_AFTER_MS = 100;

/**
 * The deliveries of one relay (spec/relay.md, "Mail"): each is handed on once, and acked when whoever it was handed to
 * is done with it and with all before it.
 */
export class ReceivedMail {
  readonly #store: CursorStore;
  readonly #timers: Timers;
  #epoch: number;
  /** The last delivery that was handed on. */
  #seen: number;
  /** The last delivery up to which all are done with, and the last that the relay was told of. */
  #done: number;
  #acked: number;
  /** Handed on and not done with, ascending; true once done with. */
  #open = new Map<number, boolean>();
  #sinceAck = 0;
  #bytesSinceAck = 0;
  #waitsSince = 0;
  #send: ((delivery: number) => void) | undefined;
  #cancelAck: (() => void) | undefined;

  constructor(store: CursorStore, timers: Timers) {
    this.#store = store;
    this.#timers = timers;
    const { epoch, cursor } = store.read();
    this.#epoch = epoch;
    this.#seen = this.#done = this.#acked = cursor;
  }

  /** A connection is made: what to resume with. `send` acks up to a delivery. */
  begin(epoch: number, send: (delivery: number) => void): Resume {
    const resume = { epoch: this.#epoch, cursor: this.#done };
    this.#send = send;
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#seen = this.#done = 0;
      this.#open = new Map();
    }
    this.#acked = this.#done;
    this.#sinceAck = 0;
    this.#bytesSinceAck = 0;
    return resume;
  }

  /** The connection ended. */
  end(): void {
    this.#send = undefined;
    this.#cancelAck?.();
    this.#cancelAck = undefined;
  }

  /**
   * A delivery of so many bytes came: `handOn` is called unless it did so before. What that returns is awaited before
   * the ack.
   */
  take(delivery: number, bytes: number, handOn: () => readonly unknown[]): void {
    if (delivery <= this.#seen) return;
    this.#seen = delivery;
    this.#bytesSinceAck += bytes;
    const open = this.#open;
    open.set(delivery, false);
    const pending = handOn().filter((each) => each instanceof Promise);
    const done = (): void => {
      // In another epoch the number is another delivery's.
      if (open === this.#open) this.#isDone(delivery);
    };
    if (pending.length === 0) done();
    else void Promise.allSettled(pending).then(done);
  }

  /** A frame is about to go out: an ack that has waited for a while goes with it. */
  ackAlong(): void {
    if (this.#cancelAck && this.#timers.now() - this.#waitsSince >= ACK_ALONG_AFTER_MS) this.#ack();
  }

  #isDone(delivery: number): void {
    this.#open.set(delivery, true);
    for (const [number, done] of this.#open) {
      if (!done) break;
      this.#open.delete(number);
      this.#done = number;
      this.#sinceAck++;
    }
    if (this.#done === this.#acked || this.#send === undefined) return;
    if (this.#sinceAck >= ACK_EVERY || this.#bytesSinceAck >= ACK_EVERY_BYTES) {
      this.#ack();
    } else if (!this.#cancelAck) {
      this.#waitsSince = this.#timers.now();
      this.#cancelAck = this.#timers.after(ACK_WITHIN_MS, () => {
        this.#ack();
      });
    }
  }

  #ack(): void {
    this.#cancelAck?.();
    this.#cancelAck = undefined;
    this.#sinceAck = 0;
    this.#bytesSinceAck = 0;
    this.#acked = this.#done;
    this.#store.write({ epoch: this.#epoch, cursor: this.#done });
    this.#send?.(this.#done);
  }
}
