import type { Clock } from '../clock.ts';

/** How often it is asked whether the stream has a leader again; NATS also says so. */
const PROBE_EVERY_MS = 250;

/**
 * Posts that met no leader of the stream. Of a cluster's stream one server is the leader, and when that one ends the
 * others take up to nine seconds to elect another. What nobody took waits here, and what comes after waits behind it.
 */
export class ElectionBridge {
  readonly #clock: Clock;
  readonly #publish: (token: number) => boolean;
  readonly #held = new Set<number>();
  #cancelProbe: (() => void) | null = null;

  /** `publish` gives a post to the stream once more; false where it has been given up. */
  constructor(clock: Clock, publish: (token: number) => boolean) {
    this.#clock = clock;
    this.#publish = publish;
  }

  /** Whether there is no leader: what comes now is to be held. */
  get isNeeded(): boolean {
    return this.#held.size > 0;
  }

  holds(token: number): boolean {
    return this.#held.has(token);
  }

  hold(token: number): void {
    this.#held.add(token);
    this.#cancelProbe ??= this.#clock.after(PROBE_EVERY_MS, () => this.probe());
  }

  /** Gives the first of them to the stream, to see whether somebody takes it. */
  probe(): void {
    this.#cancelProbe?.();
    this.#cancelProbe = null;
    for (const token of this.#held) {
      if (this.#publish(token)) {
        this.#cancelProbe = this.#clock.after(PROBE_EVERY_MS, () => this.probe());
        return;
      }
      this.#held.delete(token);
    }
  }

  /** A leader has answered a post: all others follow in their order. */
  answered(token: number): void {
    this.#held.delete(token);
    const held = [...this.#held];
    this.clear();
    for (const each of held) this.#publish(each);
  }

  clear(): void {
    this.#held.clear();
    this.#cancelProbe?.();
    this.#cancelProbe = null;
  }
}
