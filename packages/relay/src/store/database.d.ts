import { Kysely, type Transaction } from 'kysely';
import type { Schema } from './schema.ts';
/** Where a relay keeps what must outlive it, open and of the present version. */
export interface Database {
    readonly db: Kysely<Schema>;
    readonly dialect: 'sqlite' | 'postgres';
    /** Lets go of the file or the connections. Safe to call twice. */
    readonly close: () => Promise<void>;
}
/**
 * Opens a store and migrates it. `where` is the path of a SQLite file, made if it is not there, `:memory:`, or the URL
 * of a PostgreSQL database (`postgres://…`), which several nodes may open at once. Throws {@link RelayStartError}
 * `newer-store` or `no-store`, and for a database `bad-store`, `store-login` or `store-tls`.
 */
export declare function openDatabase(where: string): Promise<Database>;
/** Whether a store is named by the URL of a PostgreSQL database. */
export declare function isPostgresUrl(where: string): boolean;
/** What is counted or claimed by one at a time, on all nodes together. */
export type Topic = 'migration' | 'rendezvous' | 'admission';
/**
 * Runs a transaction that nobody else's on the same topics overlaps, so that what it has counted still holds when it
 * writes. Rolled back when `run` throws.
 */
export declare function exclusively<T>({ db, dialect }: Database, topic: Topic | readonly Topic[], run: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
