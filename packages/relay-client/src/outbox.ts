import { FrameError, MAX_BODY_BYTES, type DeviceId, type SealedBody } from '@palmkey/envelope';
import { RelayClientError } from './errors.ts';

/** A durable message that is not settled yet. */
export interface OutboxMessage {
  /** 2^52 or more and below 2^53, random: the same whenever it is sent, and no other message's of this device. */
  readonly number: number;
  /** The recipient; null for all other devices of the account. */
  readonly to: DeviceId | null;
  readonly body: SealedBody;
  /** When it is of no use any more, ms since 1970 UTC. */
  readonly expiresAt: number;
}

/** Port: keeps the messages of an outbox over a restart. Calls for one message come one after the other. */
export interface OutboxStore {
  /** Keeps a message; resolves when it is on disk, rejects when it could not be written. */
  put(message: OutboxMessage): Promise<void>;
  /** Lets go of a message. One that it fails to let go of is sent again after a restart, which is harmless. */
  remove(number: number): Promise<void>;
}

/** How many messages an outbox holds at most. */
export const MAX_OUTBOX_MESSAGES = 1_000;
/** How many bytes of bodies an outbox holds at most. */
export const MAX_OUTBOX_BYTES = 4 * 1024 * 1024;

const nowhere: OutboxStore = { put: () => Promise.resolve(), remove: () => Promise.resolve() };

/**
 * Durable messages to the devices behind one relay, in the order in which they were given to it. With a store it
 * survives a restart, without one it lasts as long as the program.
 */
export class Outbox {
  readonly #store: OutboxStore;
  readonly #messages = new Map<number, OutboxMessage>();
  /** What the store is doing for a message, by its number. */
  readonly #writes = new Map<number, Promise<void>>();
  #bytes = 0;

  /** `kept` is what the store holds already, oldest first. */
  constructor(kept: readonly OutboxMessage[] = [], store: OutboxStore = nowhere) {
    this.#store = store;
    for (const message of kept) this.#hold(message);
  }

  /** How many messages it holds. */
  get size(): number {
    return this.#messages.size;
  }

  /** What it holds, oldest first. */
  messages(): OutboxMessage[] {
    return [...this.#messages.values()];
  }

  /** Whether it holds a message of this number. */
  has(number: number): boolean {
    return this.#messages.has(number);
  }

  /**
   * Takes a message in; resolves when it is kept. Throws `RelayClientError` `outbox-full` at once, and `FrameError`
   * `too-large`; rejects, and holds it no longer, when the store could not keep it.
   */
  put(message: OutboxMessage): Promise<void> {
    const { length } = message.body;
    if (length > MAX_BODY_BYTES) throw new FrameError('too-large', `a body of ${length} bytes`);
    if (this.#messages.size >= MAX_OUTBOX_MESSAGES || this.#bytes + length > MAX_OUTBOX_BYTES) {
      throw new RelayClientError('outbox-full');
    }
    this.#hold(message);
    return this.#write(message.number, () => this.#store.put(message)).catch((cause: unknown) => {
      this.#drop(message.number);
      throw new RelayClientError('not-kept', cause);
    });
  }

  /** Lets go of a message, if it is there. */
  remove(number: number): void {
    if (!this.#drop(number)) return;
    this.#write(number, () => this.#store.remove(number)).catch(() => undefined);
  }

  /** Resolves when the store has done what it was given to do. */
  async idle(): Promise<void> {
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes.values());
  }

  #write(number: number, act: () => Promise<void>): Promise<void> {
    const before = this.#writes.get(number);
    const writing = before === undefined ? act() : before.then(act, act);
    const done = (): void => {
      if (this.#writes.get(number) === writing) this.#writes.delete(number);
    };
    this.#writes.set(number, writing);
    writing.then(done, done);
    return writing;
  }

  #hold(message: OutboxMessage): void {
    this.#messages.set(message.number, message);
    this.#bytes += message.body.length;
  }

  #drop(number: number): boolean {
    this.#bytes -= this.#messages.get(number)?.body.length ?? 0;
    return this.#messages.delete(number);
  }
}
