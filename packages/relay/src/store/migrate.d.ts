import type { Transaction } from 'kysely';
import type { ColumnTypes } from './column-types.ts';
import type { Schema } from './schema.ts';
/** The version of the store that this program reads and writes. */
export declare const STORE_VERSION: number;
/**
 * Brings a store to {@link STORE_VERSION}, in one transaction that nobody else's overlaps: whole or not at all. Throws
 * {@link RelayStartError} `newer-store` where a newer program wrote it: what that one added must not be lost.
 */
export declare function migrate(db: Transaction<Schema>, types: ColumnTypes): Promise<void>;
