import type { DeviceId } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';

/** Mail that this node has put into the stream. */
export interface Watched {
  readonly sequence: number;
  readonly from: DeviceId;
  readonly to: DeviceId;
  /** The number that its sender gave it. */
  readonly number: number;
}

/** How many messages are watched at most; what is beyond expires all the same, and nobody is told. */
const MOST = 100_000;
const STEP_MS = 1_000;

/** Names the mail of this node whose time is over, by the second. A node that ends takes its watch with it. */
export class ExpiryWatch {
  readonly #clock: Clock;
  readonly #expired: (mail: readonly Watched[]) => void;
  readonly #bySecond = new Map<number, Watched[]>();
  #size = 0;
  #lastSecond: number;
  #cancel: () => void;

  constructor(clock: Clock, expired: (mail: readonly Watched[]) => void) {
    this.#clock = clock;
    this.#expired = expired;
    this.#lastSecond = secondOf(clock.now());
    this.#cancel = clock.after(STEP_MS, () => this.#step());
  }

  add(expiresAt: number, mail: Watched): void {
    if (this.#size >= MOST) return;
    const second = Math.max(secondOf(expiresAt) + 1, this.#lastSecond + 1);
    const list = this.#bySecond.get(second);
    if (list) list.push(mail);
    else this.#bySecond.set(second, [mail]);
    this.#size++;
  }

  close(): void {
    this.#cancel();
    this.#bySecond.clear();
  }

  #step(): void {
    const second = secondOf(this.#clock.now());
    // A clock that jumped far ahead: the seconds that are there are fewer than those in between.
    const due = [...this.#bySecond.keys()].filter((each) => each <= second);
    this.#lastSecond = Math.max(this.#lastSecond, second);
    for (const each of due) {
      const mail = this.#bySecond.get(each) ?? [];
      this.#bySecond.delete(each);
      this.#size -= mail.length;
      this.#expired(mail);
    }
    this.#cancel = this.#clock.after(STEP_MS, () => this.#step());
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}
