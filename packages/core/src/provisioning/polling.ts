import type { Clock } from '../timing/deadline.ts';

/** How long one get may wait at the relay, ms. */
export const LONG_POLL_MS = 5_000;
/** The first pause, and the longest, ms. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [25, 250];

/**
 * The pauses of one who polls, where a get came back before its time with nothing new. A rendezvous gives what was looked
 * at before again and again, so a first one is as short as a trip; each is twice as long as the one before, so that no
 * relay makes us spin.
 */
export class Pauses {
  readonly #clock: Clock;
  #nextMs = FIRST_PAUSE_MS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something new came: the next pause is a first one again. */
  reset(): void {
    this.#nextMs = FIRST_PAUSE_MS;
  }

  /** After a get that began at `since`, and gave nothing new. */
  async pause(since: number, pollMs: number, signal: AbortSignal): Promise<void> {
    const leftMs = since + pollMs - this.#clock.now();
    if (leftMs <= 0) return;
    const ms = Math.min(leftMs, this.#nextMs);
    this.#nextMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#nextMs);
    await this.#clock.after(ms, signal);
  }
}
