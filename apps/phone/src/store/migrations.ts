import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { TABLES } from './schema.ts';

/** Takes the database one version further, inside the browser's version-change transaction. */
export type Migration = (
  database: IDBPDatabase,
  transaction: IDBPTransaction<unknown, string[], 'versionchange'>,
) => void;

/** `MIGRATIONS[n]` takes version n to n + 1. Never edited once released; a new one is added, and the version raised. */
export const MIGRATIONS: readonly Migration[] = [
  (database) => {
    for (const table of TABLES) database.createObjectStore(table, { keyPath: 'id' });
  },
];
