import type { Clock } from '../clock.ts';

/** A clock that stands until it is moved; wall and monotonic time go together unless the wall is set. */
export class TestClock implements Clock {
  #now = 1_800_000_000_000;
  #monotonic = 5_000;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#monotonic + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers run. */
  get timers(): number {
    return this.#timers.size;
  }

  setWall(now: number): void {
    this.#now = now;
  }

  /** Moves on, running what is due in the order of its time. */
  advance(ms: number): void {
    const until = this.#monotonic + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#move(due.at);
      due.run();
    }
    this.#move(until);
  }

  #move(to: number): void {
    this.#now += to - this.#monotonic;
    this.#monotonic = to;
  }
}
