import { relayErrors, type Frame, type PalmkeyError, type RelayError } from '@palmkey/envelope';
import { retryAfter } from './backoff.ts';
import { RelayClientError } from './errors.ts';
import type { Timers } from './ports.ts';

/** How long the relay may take to answer an order, its pauses counted in. */
const ANSWER_WITHIN_MS = 10_000;

interface Pending {
  readonly until: number;
  readonly send: () => void;
  readonly settle: (outcome: Frame | PalmkeyError) => void;
  cancelTimer: () => void;
}

/** Orders to the relay that wait for an answer or an error, by message number. */
export class PendingOrders {
  readonly #timers: Timers;
  readonly #pending = new Map<number, Pending>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /**
   * Sends an order by `send`; resolves with its answer, rejects with the relay's error, or `no-answer` after 10 s. Where
   * the relay asks for patience that fits into them, the order is sent again after it.
   */
  wait(number: number, send: () => void): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        until: this.#timers.now() + ANSWER_WITHIN_MS,
        send,
        settle: (outcome) => {
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
        cancelTimer: () => undefined,
      };
      this.#pending.set(number, pending);
      this.#expect(number, pending);
    });
  }

  /** The answer to a number has come; false if nobody waits for it. */
  answered(frame: Frame): boolean {
    return this.#settle(frame.number, frame);
  }

  /** The relay's error to a number has come; false if nobody waits for it. */
  failed(number: number, error: RelayError): boolean {
    const pending = this.#pending.get(number);
    if (!pending) return false;
    const waitMs = retryAfter(error.retryAfterMs);
    if (relayErrors[error.code].retry !== 'after' || this.#timers.now() + waitMs >= pending.until) {
      return this.#settle(number, error);
    }
    pending.cancelTimer();
    pending.cancelTimer = this.#timers.after(waitMs, () => {
      this.#expect(number, pending);
    });
    return true;
  }

  /** Ends all waits with an error. */
  rejectAll(error: PalmkeyError): void {
    for (const number of [...this.#pending.keys()]) this.#settle(number, error);
  }

  #expect(number: number, pending: Pending): void {
    pending.cancelTimer = this.#timers.after(pending.until - this.#timers.now(), () => {
      this.#settle(number, new RelayClientError('no-answer'));
    });
    pending.send();
  }

  #settle(number: number, outcome: Frame | PalmkeyError): boolean {
    const pending = this.#pending.get(number);
    if (!pending) return false;
    this.#pending.delete(number);
    pending.cancelTimer();
    pending.settle(outcome);
    return true;
  }
}
