import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';

/** Somebody with mail that is settled and not acked. */
export interface AcksLate {
  /** Acks what has not gone along with other frames meanwhile. */
  ackLate(): void;
}

/** So that thousands of acks are not one burst of writes. */
const SLOTS = 10;

/** One clock for all acks that can wait: `limits.ackEveryMs` at most, and a tenth of that less at least. */
export class AckRounds {
  readonly #clock: Clock;
  readonly #slots: AcksLate[][] = Array.from({ length: SLOTS }, () => []);
  #at = 0;
  #count = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Has `late` called once, within `limits.ackEveryMs`. */
  add(late: AcksLate): void {
    this.#slots[this.#at]?.push(late);
    this.#count++;
    this.#cancel ??= this.#clock.after(limits.ackEveryMs / SLOTS, this.#next);
  }

  /** Calls nobody any more. */
  close(): void {
    this.#cancel?.();
  }

  readonly #next = (): void => {
    this.#at = (this.#at + 1) % SLOTS;
    const due = this.#slots[this.#at] ?? [];
    this.#slots[this.#at] = [];
    this.#count -= due.length;
    this.#cancel = this.#count > 0 ? this.#clock.after(limits.ackEveryMs / SLOTS, this.#next) : null;
    for (const late of due) late.ackLate();
  };
}
