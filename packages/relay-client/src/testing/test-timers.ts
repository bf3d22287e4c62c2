import type { Timers } from '../ports.ts';

/** Time that stands until it is moved. */
export class TestTimers implements Timers {
  #now = 1_700_000_000_000;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#now + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How long the next timer still has, or undefined. */
  nextMs(): number | undefined {
    const times = [...this.#timers].map((timer) => timer.at - this.#now);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Moves on, running what is due in the order of its time. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.run();
    }
    this.#now = until;
  }
}
