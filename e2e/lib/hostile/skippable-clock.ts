interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Real time, of which a test can skip what nobody wants to wait for. */
export class SkippableClock {
  #skippedMs = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return Date.now() + this.#skippedMs;
  }

  after(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(running);
        this.#timers.delete(timer);
      };
      const timer = {
        at: this.now() + ms,
        fire: () => {
          end();
          resolve();
        },
      };
      const running = setTimeout(timer.fire, ms);
      this.#timers.add(timer);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  /** So much of it is over: what was to come by then comes now. */
  skip(ms: number): void {
    this.#skippedMs += ms;
    for (const timer of [...this.#timers]) if (timer.at <= this.now()) timer.fire();
  }
}
