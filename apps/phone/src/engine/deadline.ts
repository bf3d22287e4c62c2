import type { Clock } from './ports.ts';

/**
 * When a request ends here. Time counts by whichever of the two clocks ran further: setting the wall clock back gains
 * nothing, nor does sleep that the monotonic clock does not see.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #wallEndMs: number;
  readonly #monotonicEndMs: number;

  private constructor(clock: Clock, wallEndMs: number, monotonicEndMs: number) {
    this.#clock = clock;
    this.#wallEndMs = wallEndMs;
    this.#monotonicEndMs = monotonicEndMs;
  }

  /** Ends so long from now. */
  static start(clock: Clock, lengthMs: number): Deadline {
    return new Deadline(clock, clock.now() + lengthMs, clock.monotonic() + lengthMs);
  }

  /** Goes on after a reload, when only the wall clock tells how long it was; one set back since is taken as the end. */
  static resume(clock: Clock, startedAt: number, endsAt: number): Deadline {
    const now = clock.now();
    const leftMs = now < startedAt ? 0 : endsAt - now;
    return new Deadline(clock, endsAt, clock.monotonic() + leftMs);
  }

  /** At or below 0 once it is over. */
  remainingMs(): number {
    return Math.min(this.#wallEndMs - this.#clock.now(), this.#monotonicEndMs - this.#clock.monotonic());
  }

  isOver(): boolean {
    return this.remainingMs() <= 0;
  }
}
