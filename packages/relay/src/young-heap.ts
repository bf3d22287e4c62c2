import { setFlagsFromString } from 'node:v8';
import type { Clock } from './clock.ts';

/** From so much mail a second on, what waits for its acks outlives a small young heap, and is moved for nothing. */
const MUCH_MAIL = 5_000;
const LOOK_EVERY_MS = 1_000;

let isKeptSmall = false;

/**
 * Keeps the space for young objects as small as it is when this is called: 1 MiB twice at the start of a process. V8
 * would double it in a flood of connections up to 16 MiB twice, and gives it back only to a program that does nothing
 * for seconds. What comes with connections and a little mail is as well collected a little at a time. For the whole
 * process, until it starts a worker thread or {@link HeapRoom} finds much mail; V8 honours a factor below 2 only where
 * it is set after its start.
 */
export function keepYoungHeapSmall(): void {
  isKeptSmall = true;
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Lets a young heap that is kept small grow once there is much mail: measured by messages that mailboxes took. */
export class HeapRoom implements Disposable {
  readonly #clock: Clock;
  readonly #mailTaken: () => number;
  #before: number;
  #cancel: () => void;

  constructor(clock: Clock, mailTaken: () => number) {
    this.#clock = clock;
    this.#mailTaken = mailTaken;
    this.#before = mailTaken();
    this.#cancel = clock.after(LOOK_EVERY_MS, this.#look);
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  readonly #look = (): void => {
    const taken = this.#mailTaken();
    if (isKeptSmall && taken - this.#before > MUCH_MAIL) {
      isKeptSmall = false;
      // V8's own factor.
      setFlagsFromString('--semi-space-growth-factor=2');
    }
    this.#before = taken;
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, this.#look);
  };
}
