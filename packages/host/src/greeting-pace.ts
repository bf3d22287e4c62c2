import { type DeviceId, toHex } from '@palmkey/envelope';
import type { Clock } from './clock.ts';

/** A `here` that comes so soon after ours may be the answer to it. */
const answersWithinMs = 2_000;
/** A relay that says again and again that a phone is there has it greeted once in this time. */
const promptedOnceInMs = 2_000;

/**
 * When phones were greeted, so that two that answer each other come to an end, and no relay has a phone greeted without end
 * (spec/requests.md, "Greetings"). By DeviceId, hexadecimal, and by the monotonic clock.
 */
export class GreetingPace implements Disposable {
  readonly #clock: Clock;
  readonly #greetedAt = new Map<string, number>();
  readonly #promptedAt = new Map<string, number>();
  /** Ends the wait of a greeting for its time. */
  readonly #due = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It is being greeted. */
  greeted(id: DeviceId): void {
    this.#greetedAt.set(toHex(id), this.#clock.monotonic());
  }

  /** That did not reach it, or not as it is connected now: its own `here` is no answer. */
  missed(id: DeviceId): void {
    this.#greetedAt.delete(toHex(id));
  }

  hasJustGreeted(id: DeviceId): boolean {
    return this.#since(this.#greetedAt, id) < answersWithinMs;
  }

  /** A relay says that a phone is there: `greet` is called, now or once it is time, unless it has just been greeted. */
  prompted(id: DeviceId, greet: () => void): void {
    const key = toHex(id);
    if (this.#due.has(key) || this.hasJustGreeted(id)) return;
    const now = (): void => {
      this.#due.delete(key);
      if (this.hasJustGreeted(id)) return;
      this.#promptedAt.set(key, this.#clock.monotonic());
      greet();
    };
    const leftMs = promptedOnceInMs - this.#since(this.#promptedAt, id);
    if (leftMs > 0) this.#due.set(key, this.#clock.after(leftMs, now));
    else now();
  }

  /** Forgets everybody else. */
  keepOnly(ids: readonly DeviceId[]): void {
    const kept = new Set(ids.map(toHex));
    for (const map of [this.#greetedAt, this.#promptedAt]) {
      for (const key of map.keys()) if (!kept.has(key)) map.delete(key);
    }
    for (const [key, end] of this.#due) {
      if (kept.has(key)) continue;
      end();
      this.#due.delete(key);
    }
  }

  [Symbol.dispose](): void {
    for (const end of this.#due.values()) end();
    this.#due.clear();
  }

  #since(times: ReadonlyMap<string, number>, id: DeviceId): number {
    return this.#clock.monotonic() - (times.get(toHex(id)) ?? Number.NEGATIVE_INFINITY);
  }
}
