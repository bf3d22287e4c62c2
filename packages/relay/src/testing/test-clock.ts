import type { Clock } from '../clock.ts';

/** A clock that stands until it is moved. */
export class TestClock implements Clock {
  #steady = 0;
  #wall = 1_700_000_000_000;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#wall + this.#steady;
  }

  steady(): number {
    return this.#steady;
  }

  /** Sets the wall clock forward or back; no time goes by. */
  set(byMs: number): void {
    this.#wall += byMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#steady + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves on, running what is due in the order of its time. */
  advance(ms: number): void {
    const until = this.#steady + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#steady = due.at;
      due.run();
    }
    this.#steady = until;
  }
}
