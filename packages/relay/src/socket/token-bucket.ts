/** How often something may be done: `burst` at once, refilled with `perSecond`. Time is the steady clock's, ms. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #at: number;

  constructor(burst: number, perSecond: number, now: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Tokens that are left, as of the last look. */
  get left(): number {
    return this.#tokens;
  }

  /** Takes a token; false if there is none. */
  take(now: number): boolean {
    this.#refill(now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Ms until there is a token again. */
  waitMs(): number {
    return Math.max(0, Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond));
  }

  /** Whether it is as good as new. */
  isFull(now: number): boolean {
    this.#refill(now);
    return this.#tokens >= this.#burst;
  }

  #refill(now: number): void {
    const tokens = this.#tokens + ((now - this.#at) * this.#perSecond) / 1000;
    this.#tokens = tokens < this.#burst ? tokens : this.#burst;
    this.#at = now;
  }
}
