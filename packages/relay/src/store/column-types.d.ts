import type { Kysely } from 'kysely';
/** What the two dialects call the same column types. */
export interface ColumnTypes {
    readonly bytes: 'blob' | 'bytea';
    /** Integers up to 2^53, which SQLite's `integer` and PostgreSQL's `bigint` both hold. */
    readonly integer: 'integer' | 'bigint';
    readonly text: 'text';
}
/** One step from a store's version to the next, whole or not at all. */
export type Migration = (db: Kysely<unknown>, types: ColumnTypes) => Promise<void>;
export declare const sqliteTypes: ColumnTypes;
export declare const postgresTypes: ColumnTypes;
