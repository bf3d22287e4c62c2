import type { Fetch } from '@palmkey/relay-client';

/** A network that can be lost: what is under way breaks off, and what is tried meanwhile fails. */
export class LossyNetwork {
  #underWay = new AbortController();
  #onFailed: (() => void) | null = null;

  /** As the browser's, while it is there. */
  readonly fetch: Fetch = async (url, init) => {
    if (this.#onFailed === null) {
      return fetch(url, { ...init, signal: AbortSignal.any([this.#underWay.signal, init.signal]) });
    }
    this.#onFailed();
    throw new TypeError('no network');
  };

  /** Is lost until so many requests have been tried in vain. */
  async lose(tries: number): Promise<void> {
    await new Promise<void>((resolve) => {
      let left = tries;
      this.#onFailed = () => {
        left -= 1;
        if (left === 0) resolve();
      };
      this.#underWay.abort();
    });
    this.#onFailed = null;
    this.#underWay = new AbortController();
  }
}
