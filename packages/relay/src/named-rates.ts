import type { Clock } from './clock.ts';
import { TokenBucket } from './socket/token-bucket.ts';

/** How many names are kept before those are let go of that have not been used for long. */
const SWEEP_AT = 4_096;

/** So many within a time. */
export interface Rate {
  readonly count: number;
  readonly withinMs: number;
}

/** How often something may be done under a name: within each of some rates. */
export class NamedRates {
  readonly #clock: Clock;
  readonly #rates: readonly Rate[];
  readonly #buckets = new Map<string, readonly TokenBucket[]>();
  #sweepAt = SWEEP_AT;

  constructor(clock: Clock, rates: readonly Rate[]) {
    this.#clock = clock;
    this.#rates = rates;
  }

  /** Takes one of a name; how long to wait where there is none, ms, and 0 where there was one. */
  take(name: string): number {
    const now = this.#clock.steady();
    for (const bucket of this.#of(name, now)) if (!bucket.take(now)) return bucket.waitMs();
    return 0;
  }

  #of(name: string, now: number): readonly TokenBucket[] {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
    const made = this.#rates.map(({ count, withinMs }) => new TokenBucket(count, (1000 * count) / withinMs, now));
    this.#buckets.set(name, made);
    return made;
  }

  /** What is full again says nothing; what is left was used within the longest of the times. */
  #sweep(now: number): void {
    for (const [name, buckets] of this.#buckets) {
      if (buckets.every((bucket) => bucket.isFull(now))) this.#buckets.delete(name);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#buckets.size);
  }
}
