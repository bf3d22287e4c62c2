import type { Locks } from './ports.ts';

/** The Web Lock under which requests are decided, counted and stored. */
const STORE_LOCK = 'palmkey-store';

/** One after the other: what changes the store and what is remembered of it. */
export class Turns {
  readonly #locks: Locks;
  #last: Promise<unknown> = Promise.resolve();

  constructor(locks: Locks) {
    this.#locks = locks;
  }

  /** Alone in this tab, and under the lock that all tabs share. */
  exclusively<R>(work: () => Promise<R>): Promise<R> {
    return this.inTab(() => this.#locks.exclusively(STORE_LOCK, work));
  }

  /**
   * Alone in this tab only, without the browser's lock and what it costs: for work that checks again, in the one
   * transaction that it writes in, everything that another tab could have changed.
   */
  inTab<R>(work: () => Promise<R>): Promise<R> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }
}
