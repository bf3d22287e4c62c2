import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import { TokenBucket } from '../socket/token-bucket.ts';

/** How many names are kept before those are let go of that have not been used for long. */
const SWEEP_AT = 4_096;

/** How often something may be pushed under a name: so many a minute, and fewer an hour. */
export class PushRates {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, readonly [TokenBucket, TokenBucket]>();
  #sweepAt = SWEEP_AT;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one push of a name; how long to wait where there is none, ms, and 0 where there was one. */
  take(name: string): number {
    const now = this.#clock.steady();
    const [minute, hour] = this.#of(name, now);
    if (!minute.take(now)) return minute.waitMs();
    return hour.take(now) ? 0 : hour.waitMs();
  }

  #of(name: string, now: number): readonly [TokenBucket, TokenBucket] {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
    const made = [
      new TokenBucket(limits.pushesPerMinute, limits.pushesPerMinute / 60, now),
      new TokenBucket(limits.pushesPerHour, limits.pushesPerHour / 3600, now),
    ] as const;
    this.#buckets.set(name, made);
    return made;
  }

  /** What is full again says nothing; what is left belongs to devices that pushed within the hour. */
  #sweep(now: number): void {
    for (const [name, [minute, hour]] of this.#buckets) {
      if (minute.isFull(now) && hour.isFull(now)) this.#buckets.delete(name);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#buckets.size);
  }
}
