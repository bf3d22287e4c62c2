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
    const [minute, hour] = this.#of(name);
    if (!minute.take()) return minute.waitMs();
    return hour.take() ? 0 : hour.waitMs();
  }

  #of(name: string): readonly [TokenBucket, TokenBucket] {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#sweepAt) this.#sweep();
    const made = [
      new TokenBucket(this.#clock, limits.pushesPerMinute, limits.pushesPerMinute / 60),
      new TokenBucket(this.#clock, limits.pushesPerHour, limits.pushesPerHour / 3600),
    ] as const;
    this.#buckets.set(name, made);
    return made;
  }

  /** What is full again says nothing; what is left belongs to devices that pushed within the hour. */
  #sweep(): void {
    for (const [name, [minute, hour]] of this.#buckets) {
      if (minute.isFull() && hour.isFull()) this.#buckets.delete(name);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#buckets.size);
  }
}
