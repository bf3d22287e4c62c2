import type { Clock } from './ports.ts';

/** Goes off once, at a time that can be set anew. */
export class Timer {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #onDue: () => void;
  #waiting = new AbortController();
  #isClosed = false;

  constructor(clock: Pick<Clock, 'after'>, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Set anew, in so many milliseconds; null: not at all. */
  set(ms: number | null): void {
    this.#waiting.abort();
    if (ms === null || this.#isClosed) return;
    this.#waiting = new AbortController();
    void this.#clock.after(Math.max(ms, 0), this.#waiting.signal).then(this.#onDue, () => undefined);
  }

  /** It goes off no more, also where it is set later. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.abort();
  }
}
