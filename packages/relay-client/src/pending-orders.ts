import type { PalmkeyError } from '@palmkey/envelope';
import { RelayClientError } from './errors.ts';
import type { Timers } from './ports.ts';

/** How long the relay may take to answer an order. */
const ANSWER_WITHIN_MS = 10_000;

interface Pending {
  readonly settle: (error?: PalmkeyError) => void;
}

/** Orders to the relay that wait for `done` or an error, by message number. */
export class PendingOrders {
  readonly #timers: Timers;
  readonly #pending = new Map<number, Pending>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Resolves when the order with this number is done; rejects with the relay's error, or `no-answer` after 10 s. */
  wait(number: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#timers.after(ANSWER_WITHIN_MS, () => {
        this.settle(number, new RelayClientError('no-answer'));
      });
      this.#pending.set(number, {
        settle: (error) => {
          cancel();
          if (error) reject(error);
          else resolve();
        },
      });
    });
  }

  /** Ends the wait for a number; false if nobody waits for it. */
  settle(number: number, error?: PalmkeyError): boolean {
    const pending = this.#pending.get(number);
    if (!pending) return false;
    this.#pending.delete(number);
    pending.settle(error);
    return true;
  }

  /** Ends all waits with an error. */
  rejectAll(error: PalmkeyError): void {
    for (const number of [...this.#pending.keys()]) this.settle(number, error);
  }
}
