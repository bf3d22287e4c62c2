import { Kysely, sql, type Transaction } from 'kysely';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import pg from 'pg';
import { RelayStartError } from '../errors.ts';
import { isTlsFault } from '../tls-fault.ts';
import { postgresTypes, sqliteTypes } from './column-types.ts';
import { migrate } from './migrate.ts';
import { postgresDialect } from './postgres.ts';
import type { Schema } from './schema.ts';
import { sqliteDialect } from './sqlite.ts';

/** Where a relay keeps what must outlive it, open and of the present version. */
export interface Database {
  readonly db: Kysely<Schema>;
  readonly dialect: 'sqlite' | 'postgres';
  /** Lets go of the file or the connections. Safe to call twice. */
  readonly close: () => Promise<void>;
}

/** PostgreSQL's classes of errors for a login that is refused, and its code for a database that is not there. */
const REFUSALS = /^28|^3D000$/;

/**
 * Opens a store and migrates it. `where` is the path of a SQLite file, made if it is not there, `:memory:`, or the URL
 * of a PostgreSQL database (`postgres://…`), which several nodes may open at once. Throws {@link RelayStartError}
 * `newer-store` or `no-store`, and for a database `bad-store`, `store-login` or `store-tls`.
 */
export async function openDatabase(where: string): Promise<Database> {
  let db: Kysely<Schema> | undefined;
  try {
    if (isPostgresUrl(where)) {
      db = new Kysely<Schema>({ dialect: postgresDialect(where) });
    } else {
      if (where !== ':memory:') await mkdir(dirname(where), { recursive: true, mode: 0o700 });
      db = new Kysely<Schema>({ dialect: await sqliteDialect(where) });
    }
    const opened = databaseOf(db, isPostgresUrl(where) ? 'postgres' : 'sqlite');
    await migrateOnce(opened);
    return opened;
  } catch (error) {
    await db?.destroy();
    if (error instanceof RelayStartError) throw error;
    throw startError(error);
  }
}

function startError(error: unknown): RelayStartError {
  if (isTlsFault(error)) return new RelayStartError('store-tls', 'no TLS with the store by which it is known', error);
  if (error instanceof pg.DatabaseError && REFUSALS.test(error.code ?? ''))
    return new RelayStartError('store-login', 'the store does not let this relay in', error);
  return new RelayStartError('no-store', 'the store cannot be opened', error);
}

/** Whether a store is named by the URL of a PostgreSQL database. */
export function isPostgresUrl(where: string): boolean {
  return /^postgres(ql)?:\/\//.test(where);
}

/** What is counted or claimed by one at a time, on all nodes together. */
export type Topic = 'migration' | 'rendezvous' | 'admission';

/**
 * Runs a transaction that nobody else's on the same topics overlaps, so that what it has counted still holds when it
 * writes. Rolled back when `run` throws.
 */
export function exclusively<T>(
  { db, dialect }: Database,
  topic: Topic | readonly Topic[],
  run: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (transaction) => {
    // In SQLite one transaction is at work at a time in any case (sqlite.ts).
    if (dialect === 'postgres') {
      const wanted: readonly Topic[] = typeof topic === 'string' ? [topic] : topic;
      // In their own order, so that two transactions never wait for each other.
      for (const [number, name] of topics.entries()) {
        if (!wanted.includes(name)) continue;
        await sql`select pg_advisory_xact_lock(${LOCKS}, ${number})`.execute(transaction);
      }
    }
    return run(transaction);
  });
}

const topics: readonly Topic[] = ['migration', 'rendezvous', 'admission'];
/** The first half of the numbers of our advisory locks, so that they are not those of another program: "palm". */
const LOCKS = 0x70616c6d;

async function migrateOnce(database: Database): Promise<void> {
  const types = database.dialect === 'postgres' ? postgresTypes : sqliteTypes;
  await exclusively(database, 'migration', (transaction) => migrate(transaction, types));
}

function databaseOf(db: Kysely<Schema>, dialect: Database['dialect']): Database {
  let closing: Promise<void> | undefined;
  return { db, dialect, close: () => (closing ??= db.destroy()) };
}
