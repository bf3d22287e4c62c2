import type { Clock } from '../ports.ts';

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** Time that moves only when a test says so. */
export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(now = Date.UTC(2026, 10, 20, 12)) {
    this.#wall = now;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(new Error('aborted'));
        return;
      }
      const alarm = { at: this.#monotonic + ms, ring: resolve };
      this.#alarms.add(alarm);
      signal?.addEventListener('abort', () => {
        if (this.#alarms.delete(alarm)) reject(new Error('aborted'));
      });
    });
  }

  /** Both clocks go on, and what was due rings. */
  advance(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
    for (const alarm of [...this.#alarms].toSorted((a, b) => a.at - b.at)) {
      if (alarm.at > this.#monotonic) continue;
      this.#alarms.delete(alarm);
      alarm.ring();
    }
  }

  /** Somebody sets the clock. */
  set(now: number): void {
    this.#wall = now;
  }
}
