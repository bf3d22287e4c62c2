import type { Clock } from './clock.ts';
import { networkOf } from './http/network.ts';

const HOUR_MS = 60 * 60_000;
/** How many networks are remembered; beyond it the ones that were first are forgotten. */
const MAX_NETWORKS = 10_000;

/** How many devices that nobody let in may come from one network within an hour, so that nobody fills the store. */
export class NewcomerLimit {
  readonly #clock: Clock;
  readonly #perHour: number;
  readonly #hours = new Map<string, { readonly begunAt: number; count: number }>();

  constructor(clock: Clock, perHour: number) {
    this.#clock = clock;
    this.#perHour = perHour;
  }

  /** Counts one more. Returns 0, or how long to wait, ms, where there were as many as may be. */
  take(address: string): number {
    const network = networkOf(address);
    const now = this.#clock.now();
    let hour = this.#hours.get(network);
    if (!hour || now - hour.begunAt >= HOUR_MS) {
      hour = { begunAt: now, count: 0 };
      this.#hours.delete(network);
      this.#hours.set(network, hour);
      const [oldest] = this.#hours.keys();
      if (this.#hours.size > MAX_NETWORKS && oldest !== undefined) this.#hours.delete(oldest);
    }
    if (hour.count >= this.#perHour) return hour.begunAt + HOUR_MS - now;
    hour.count++;
    return 0;
  }
}
