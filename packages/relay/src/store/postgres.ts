import {
  PostgresDialect,
  type PostgresCursor,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import pg from 'pg';
import { systemClock } from '../clock.ts';
import { PatientPool } from './patient-pool.ts';
import { postgresPlace } from './postgres-tls.ts';

/** How long a query may wait for a connection, and then for its answer: less than a device waits for the relay. */
const CONNECT_WITHIN_MS = 3_000;
const ANSWER_WITHIN_MS = 8_000;
/** What PostgreSQL itself ends, so that nothing is left running behind a query that was given up. */
const STATEMENT_WITHIN_MS = 7_000;
/** Many nodes share one PostgreSQL, which takes a hundred connections unless it is told otherwise. */
const CONNECTIONS = 8;
/** PostgreSQL's number of that type. */
const BIGINT = 20;

/**
 * Speaks kysely's dialect to the PostgreSQL at `url`. Nothing is dialled before the first query. Throws
 * {@link RelayStartError} `bad-store` as {@link postgresPlace} does.
 */
export function postgresDialect(url: string): PostgresDialect {
  const pool = new pg.Pool({
    ...postgresPlace(url),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    statement_timeout: STATEMENT_WITHIN_MS,
    idle_in_transaction_session_timeout: STATEMENT_WITHIN_MS,
    keepAlive: true,
    application_name: 'palmkey-relay',
    types: { getTypeParser },
  });
  // A connection that ends by itself is replaced by the next query; without a listener its error would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  // It lives in real time, as the pool does.
  return new PostgresDialect({ pool: withoutBrokenConnections(new PatientPool(pool, systemClock)) });
}

const parseInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer beyond 2^53 in the store');
  return value;
};

/** As the schema has them: `bigint` is a number, not text. */
const getTypeParser: typeof pg.types.getTypeParser = (id: number, format?: 'text' | 'binary') =>
  id === BIGINT ? parseInteger : parserByNumber(id, format);
const parserByNumber = pg.types.getTypeParser as (id: number, format?: 'text' | 'binary') => unknown;

/** A connection on which anything failed but a statement itself is not used again: its answers may come late. */
function withoutBrokenConnections(pool: PatientPool): PostgresPool {
  return { connect: async () => new WatchedConnection(await pool.connect()), end: () => pool.end() };
}

class WatchedConnection implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  #broken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    text: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== 'string') throw new TypeError('no query of ours reads by a cursor');
    const answer = this.#client.query(text, [...parameters]).catch((error: unknown) => {
      this.#broken ||= !(error instanceof pg.DatabaseError);
      throw error;
    });
    return answer as Promise<PostgresQueryResult<R>>;
  }

  release(): void {
    this.#client.release(this.#broken);
  }
}
