import type pg from 'pg';
import type { Clock } from '../clock.ts';

/** After a dial that failed, how long nobody dials again. */
const DIAL_AGAIN_AFTER_MS = 250;

/**
 * A pool that lets a database alone that was not there a moment ago. A busy relay asks its store hundreds of times a
 * second, and one that recovers from a crash would spend its time, and fill its log, with saying no to each. Who asks in
 * the meantime hears at once what the last dial met.
 */
export class PatientPool {
  readonly #pool: pg.Pool;
  readonly #clock: Pick<Clock, 'steady'>;
  /** What the last dial met, if it failed. */
  #failure: { readonly error: unknown } | null = null;
  #restsUntil = 0;

  constructor(pool: pg.Pool, clock: Pick<Clock, 'steady'>) {
    this.#pool = pool;
    this.#clock = clock;
  }

  /** A connection of the pool. Rejects as the pool does, or as it did. */
  async connect(): Promise<pg.PoolClient> {
    const { idleCount, totalCount, options } = this.#pool;
    // Whoever waits for a connection that is at work dials nothing, and says nothing of the database.
    if (idleCount > 0 || totalCount >= options.max) return this.#pool.connect();
    const now = this.#clock.steady();
    if (this.#failure) {
      if (now < this.#restsUntil) throw this.#failure.error;
      // One looks whether it is back, for all.
      this.#restsUntil = now + DIAL_AGAIN_AFTER_MS;
    }
    try {
      const client = await this.#pool.connect();
      this.#failure = null;
      return client;
    } catch (error) {
      this.#failure = { error };
      this.#restsUntil = this.#clock.steady() + DIAL_AGAIN_AFTER_MS;
      throw error;
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}
