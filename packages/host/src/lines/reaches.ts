/** Which phones can be reached: what they said, and what their relay says when they are greeted. */
import { type Agreed, agreedProtocol, type Protocols } from '@palmkey/core/requests';
import { type DeviceId, toHex } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { PhoneFact } from '../control/protocol.ts';
import type { Woken } from '../asking/wake.ts';

/** A phone that was not heard of for so long is greeted before it is said to be there. */
const doubtfulAfterMs = 60_000;
/** A relay that does not say `absent` within this has delivered the greeting. */
const refusedWithinMs = 500;

export interface Reach {
  readonly reach: PhoneFact['reach'];
  /** ms since 1970 of its last word; null when there was none since this program started. */
  readonly lastSeenAt: number | null;
  readonly software: string | null;
  /** What it and this computer speak to each other; null until it has said `here` to this program. */
  readonly agreed: Agreed | null;
  /** It sent what this version does not know. */
  readonly tooNew: boolean;
  /** What came of the last push to it. */
  readonly push: PhoneFact['push'];
}

/** What a phone says that it speaks, and whether that, with the `here` after it, answers this computer's own. */
export interface Spoken extends Protocols {
  readonly answer?: boolean | undefined;
}

/** What a `here` is: one that wants an answer, an answer, or word of another name or other keys. */
export type Said = 'greeting' | 'answer' | 'change';

interface Known extends Reach {
  /** What it said that it speaks, since its last `here`. */
  readonly spoken: Spoken | null;
  /** By the monotonic clock: its last word, or the last greeting. */
  readonly checkedAt: number;
}

const unknown: Known = {
  reach: 'unknown',
  lastSeenAt: null,
  software: null,
  agreed: null,
  tooNew: false,
  push: null,
  spoken: null,
  checkedAt: Number.NEGATIVE_INFINITY,
};

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

  /** The phone has said something. */
  heard(id: DeviceId): void {
    this.#note(id, { reach: 'here', lastSeenAt: this.#clock.now(), checkedAt: this.#clock.monotonic() });
    this.#greetings.get(toHex(id))?.();
  }

  /** The phone has said what it speaks; its `here` comes next. */
  spoke(id: DeviceId, { from, to, answer }: Spoken): void {
    this.#note(id, { spoken: { from, to, answer } });
  }

  /**
   * The phone has said `here`. It says before that what it speaks whenever it begins anew; a `here` without, by the
   * same software, is a change of its name or keys.
   */
  greeted(id: DeviceId, software: string): Said {
    const { agreed, spoken, software: before } = this.#get(id);
    const same = spoken === null && before === software ? agreed : null;
    this.#note(id, { software, agreed: same ?? agreedProtocol(spoken), spoken: null, tooNew: false });
    if (same !== null) return 'change';
    return spoken?.answer === true ? 'answer' : 'greeting';
  }

  /** The phone has said what this version does not understand. */
  notUnderstood(id: DeviceId): void {
    this.#note(id, { tooNew: true });
  }

  /** It was pushed to. */
  pushed(id: DeviceId, woken: Woken): void {
    this.#note(id, { push: { woken, at: this.#clock.now() } });
  }

  /** The relay says that it is connected. */
  present(id: DeviceId): void {
    this.#note(id, { reach: 'here' });
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
