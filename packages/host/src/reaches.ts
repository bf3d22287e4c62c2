/** Which phones can be reached: what they said, and what their relay says when they are greeted. */
import { type DeviceId, toHex } from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import type { PhoneFact } from './control/protocol.ts';

/** A phone that was not heard of for so long is greeted before it is said to be there. */
const doubtfulAfterMs = 60_000;
/** A relay that does not say `absent` within this has delivered the greeting. */
const refusedWithinMs = 500;

export interface Reach {
  readonly reach: PhoneFact['reach'];
  /** ms since 1970 of its last word; null when there was none since this program started. */
  readonly lastSeenAt: number | null;
  readonly software: string | null;
}

interface Known extends Reach {
  /** By the monotonic clock: its last word, or the last greeting. */
  readonly checkedAt: number;
}

const unknown: Known = { reach: 'unknown', lastSeenAt: null, software: null, checkedAt: Number.NEGATIVE_INFINITY };

export class Reaches implements Disposable {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  /** By DeviceId, hexadecimal; so are the greetings. */
  readonly #known = new Map<string, Known>();
  /** Ends the wait for the relay's word on a greeting. */
  readonly #greetings = new Map<string, () => void>();

  /** `onChange` is called for what comes of a greeting; all else the caller knows. */
  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  of(id: DeviceId): Reach {
    return this.#get(id);
  }

  isDoubtful(id: DeviceId): boolean {
    return this.#clock.monotonic() - this.#get(id).checkedAt >= doubtfulAfterMs;
  }

  /** The phone has spoken. */
  heard(id: DeviceId, software: string | undefined): void {
    const lastSeenAt = this.#clock.now();
    const known = { reach: 'here', lastSeenAt, checkedAt: this.#clock.monotonic() } as const;
    this.#note(id, software === undefined ? known : { ...known, software });
    this.#greetings.get(toHex(id))?.();
  }

  /** The relay says that it is not connected. */
  absent(id: DeviceId): void {
    this.#note(id, { reach: 'absent' });
    this.#greetings.get(toHex(id))?.();
  }

  /** There is no connection to its relay. */
  lost(id: DeviceId): void {
    this.#note(id, { reach: 'unknown', checkedAt: unknown.checkedAt });
    this.#greetings.get(toHex(id))?.();
  }

  /** A greeting has gone out: unless the relay refuses it in time, the phone is there. Resolves when that is known. */
  expect(id: DeviceId): Promise<void> {
    const key = toHex(id);
    this.#greetings.get(key)?.();
    this.#note(id, { checkedAt: this.#clock.monotonic() });
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#greetings.delete(key);
        resolve();
      };
      const cancel = this.#clock.after(refusedWithinMs, () => {
        end();
        if (this.#get(id).reach === 'here') return;
        this.#note(id, { reach: 'here' });
        this.#onChange();
      });
      this.#greetings.set(key, end);
    });
  }

  /** Forgets everybody else. */
  keepOnly(ids: readonly DeviceId[]): void {
    const kept = new Set(ids.map(toHex));
    for (const key of this.#known.keys()) {
      if (kept.has(key)) continue;
      this.#greetings.get(key)?.();
      this.#known.delete(key);
    }
  }

  [Symbol.dispose](): void {
    for (const end of this.#greetings.values()) end();
  }

  #get(id: DeviceId): Known {
    return this.#known.get(toHex(id)) ?? unknown;
  }

  #note(id: DeviceId, change: Partial<Known>): void {
    this.#known.set(toHex(id), { ...this.#get(id), ...change });
  }
}
