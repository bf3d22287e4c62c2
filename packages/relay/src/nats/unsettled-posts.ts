import type { Clock } from '../clock.ts';
import type { Mail, Settled } from '../post/post-office.ts';

/** Posts that the stream has not answered, at most. */
const MOST = 8_192;
const MOST_BYTES = 32 * 1024 * 1024;
/** The servers of a cluster may have to elect the stream's leader first. */
const ANSWER_WITHIN_MS = 15_000;

/** A post whose answer is awaited. */
export interface Unsettled {
  readonly mail: Mail;
  readonly since: number;
  readonly settled: (outcome: Settled) => void;
  /** It was given to the stream more than once, which may call it a duplicate of itself. */
  repeated: boolean;
}

/** What the stream has been given and has not answered, in the order in which it was given. */
export class UnsettledPosts {
  readonly #clock: Clock;
  readonly #posts = new Map<number, Unsettled>();
  #bytes = 0;
  #next = 1;
  #cancelLate: (() => void) | null = null;
  #onEmpty: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether so much waits for NATS that no more is taken. */
  get isFull(): boolean {
    return this.#posts.size >= MOST || this.#bytes >= MOST_BYTES;
  }

  /** The token that the answer will name. */
  add(mail: Mail, settled: (outcome: Settled) => void): number {
    const token = this.#next++;
    this.#posts.set(token, { mail, settled, since: this.#clock.now(), repeated: false });
    this.#bytes += mail.frame.length;
    this.#cancelLate ??= this.#clock.after(ANSWER_WITHIN_MS, () => this.#refuseLate());
    return token;
  }

  /** A post that is not settled yet. */
  get(token: number): Unsettled | undefined {
    return this.#posts.get(token);
  }

  /** The tokens of all, the oldest first. */
  tokens(): number[] {
    return [...this.#posts.keys()];
  }

  /** The post that an answer is for; undefined where it was given up. */
  take(token: number): Unsettled | undefined {
    const post = this.#posts.get(token);
    if (!post) return undefined;
    this.#posts.delete(token);
    this.#bytes -= post.mail.frame.length;
    if (this.#posts.size === 0) this.#onEmpty();
    return post;
  }

  /** NATS is away: whether it took them is not known, and their senders are told so. */
  refuseAll(): void {
    for (const token of [...this.#posts.keys()]) this.take(token)?.settled('unavailable');
  }

  /** When nothing is unsettled, which is after {@link ANSWER_WITHIN_MS} at the latest. */
  async empty(): Promise<void> {
    if (this.#posts.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
    this.#cancelLate?.();
  }

  #refuseLate(): void {
    this.#cancelLate = null;
    const late = this.#clock.now() - ANSWER_WITHIN_MS;
    for (const [token, { since }] of this.#posts) {
      if (since > late) {
        this.#cancelLate = this.#clock.after(since - late, () => this.#refuseLate());
        return;
      }
      this.take(token)?.settled('unavailable');
    }
  }
}
