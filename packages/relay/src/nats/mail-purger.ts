import type { Clock } from '../clock.ts';

/** Acks of one device are joined for this long, unless so many messages have come together. */
const JOIN_MS = 1_000;
const JOIN_MESSAGES = 256;

interface Due {
  upTo: number;
  messages: number;
  cancel: () => void;
}

/**
 * Lets go of acked mail in the stream, one request for many acks. Being late is harmless, as the device names its cursor
 * when it resumes; it only counts in the mailbox until then.
 */
export class MailPurger {
  readonly #clock: Clock;
  readonly #purge: (device: string, upTo: number) => Promise<void>;
  readonly #due = new Map<string, Due>();
  readonly #running = new Set<Promise<void>>();

  constructor(clock: Clock, purge: (device: string, upTo: number) => Promise<void>) {
    this.#clock = clock;
    this.#purge = purge;
  }

  /** A device is done with its mail up to a number; `messages` more than it said before. */
  add(device: string, upTo: number, messages: number): void {
    let due = this.#due.get(device);
    if (!due) {
      due = { upTo: 0, messages: 0, cancel: this.#clock.after(JOIN_MS, () => this.flush(device)) };
      this.#due.set(device, due);
    }
    due.upTo = Math.max(due.upTo, upTo);
    due.messages += messages;
    if (due.messages >= JOIN_MESSAGES) this.flush(device);
  }

  /** What is due for a device is let go of now. */
  flush(device: string): void {
    const due = this.#due.get(device);
    if (!due) return;
    this.#due.delete(device);
    due.cancel();
    // A purge that fails is made up for by the next one, or by the cursor at the next resume.
    const run = this.#purge(device, due.upTo)
      .catch(() => undefined)
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** A device's mail is gone altogether. */
  forget(device: string): void {
    this.#due.get(device)?.cancel();
    this.#due.delete(device);
  }

  /** All that is due, to its end. */
  async flushAll(): Promise<void> {
    for (const device of [...this.#due.keys()]) this.flush(device);
    await Promise.all(this.#running);
  }
}
