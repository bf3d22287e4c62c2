import type { Clock } from '../clock.ts';

/** How long a phone takes to put this computer on its account's chain, at most. */
const settlesWithinMs = 3_000;

/** Whoever waits a moment until this computer is in an account that it has agreed to. */
export class AwaitedBeginning {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it has begun, or was waited for long enough. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#waiting.delete(done);
        resolve();
      };
      const cancel = this.#clock.after(settlesWithinMs, done);
      this.#waiting.add(done);
    });
  }

  /** It has begun, or never will. */
  end(): void {
    for (const done of [...this.#waiting]) done();
  }
}
