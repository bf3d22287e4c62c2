import type { OfferPolicy, ServerSeen, UserKeyView } from './login-ask.ts';

/** Ours first, then those of the person's own agent. */
export const allOffers: OfferPolicy = {
  choose: (_server, ours, upstream) => [...ours, ...upstream],
  unwanted: () => undefined,
  asked: () => undefined,
  worked: () => undefined,
};

/** What one connection was offered, and whether any of it was wanted. */
export class ClientOffers {
  readonly #policy: OfferPolicy;
  #server: ServerSeen | null = null;
  #offered: readonly UserKeyView[] = [];
  #isWanted = false;

  constructor(policy: OfferPolicy) {
    this.#policy = policy;
  }

  choose(server: ServerSeen | null, ours: readonly UserKeyView[], upstream: readonly UserKeyView[]) {
    this.#server = server;
    this.#offered = this.#policy.choose(server, ours, upstream);
    return this.#offered;
  }

  /** A sign request has come: the server knows the key, or ssh has been told to use it. */
  asked(): void {
    this.#isWanted = true;
    if (this.#server !== null) this.#policy.asked(this.#server);
  }

  signed(key: Uint8Array): void {
    if (this.#server !== null) this.#policy.worked(this.#server, key);
  }

  /** The connection is over. */
  end(): void {
    if (this.#server !== null && !this.#isWanted && this.#offered.length > 0) {
      this.#policy.unwanted(this.#server, this.#offered);
    }
    this.#server = null;
  }
}
