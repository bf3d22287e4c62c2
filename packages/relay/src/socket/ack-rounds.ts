import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';

/** Whoever was acked lately, and is to be looked at again. */
export interface AckedLately {
  /** Acks what was settled meanwhile; false if there was nothing. */
  ackLate(): boolean;
}

/** So that thousands of acks are not one burst of writes. */
const SLOTS = 10;

/** Looks again at those who were acked lately every `limits.ackEveryMs`, a tenth of them at a time, until nothing was left. */
export class AckRounds {
  readonly #clock: Clock;
  readonly #slots: AckedLately[][] = Array.from({ length: SLOTS }, () => []);
  #at = 0;
  #count = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Has it looked at in `limits.ackEveryMs`. */
  add(lately: AckedLately): void {
    this.#slots[this.#at]?.push(lately);
    this.#count++;
    this.#cancel ??= this.#clock.after(limits.ackEveryMs / SLOTS, this.#next);
  }

  /** Looks at nobody any more. */
  close(): void {
    this.#cancel?.();
  }

  readonly #next = (): void => {
    this.#at = (this.#at + 1) % SLOTS;
    const due = this.#slots[this.#at] ?? [];
    const left = due.filter((lately) => lately.ackLate());
    this.#slots[this.#at] = left;
    this.#count -= due.length - left.length;
    this.#cancel = this.#count > 0 ? this.#clock.after(limits.ackEveryMs / SLOTS, this.#next) : null;
  };
}
