interface Timer {
  readonly ms: number;
  readonly at: number;
  readonly fire: () => void;
}

/** A clock that moves only when a test moves it. */
export class ManualClock {
  #now: number;
  #timers: Timer[] = [];
  #waiting: { readonly ms: number; readonly found: () => void }[] = [];

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const drop = (): void => {
        this.#timers = this.#timers.filter((each) => each !== timer);
      };
      const fire = (): void => {
        signal.removeEventListener('abort', drop);
        resolve();
      };
      const timer = { ms, at: this.#now + ms, fire };
      this.#timers.push(timer);
      signal.addEventListener('abort', drop);
      this.#waiting = this.#waiting.filter((wait) => {
        if (wait.ms === ms) wait.found();
        return wait.ms !== ms;
      });
    });
  }

  /** Resolves when somebody waits for so long. */
  async timer(ms: number): Promise<void> {
    if (this.#timers.some((timer) => timer.ms === ms)) return;
    await new Promise<void>((found) => this.#waiting.push({ ms, found }));
  }

  /** Moves on, and fires what is due. */
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { fire } of due) fire();
  }

  /** How many timers run. */
  get timers(): number {
    return this.#timers.length;
  }
}
