import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { ed25519Blob } from '@palmkey/core/ssh';

/** Takes the database one version further, inside the browser's version-change transaction. */
export type Migration = (
  database: IDBPDatabase,
  transaction: IDBPTransaction<unknown, string[], 'versionchange'>,
) => void | Promise<void>;

type Row = Readonly<Record<string, unknown>>;

const VERSION_1_TABLES = ['device', 'keys', 'pairings', 'pins', 'requests', 'history', 'replay', 'settings'];

/**
 * `MIGRATIONS[n]` takes version n to n + 1. Never edited once released; a new one is added, and the version raised.
 * One may await its own transaction's work and nothing else, or the transaction ends early. From version 7 on rows can be
 * locked by a passphrase (`LockedRow`), which no migration can read: what changes them has to do so once they are opened.
 */
export const MIGRATIONS: readonly Migration[] = [
  (database) => {
    for (const table of VERSION_1_TABLES) database.createObjectStore(table, { keyPath: 'id' });
  },
  async (database, transaction) => {
    database.createObjectStore('permissions', { keyPath: 'id' });
    for (const [table, change] of Object.entries(TO_VERSION_2)) {
      let cursor = await transaction.objectStore(table).openCursor();
      while (cursor !== null) {
        await cursor.update(change(cursor.value as Row));
        cursor = await cursor.continue();
      }
    }
  },
  (database) => {
    database.createObjectStore('notices', { keyPath: 'id' });
  },
  (database) => {
    database.createObjectStore('outbox', { keyPath: 'id' });
  },
  (database) => {
    for (const table of ['account', 'links', 'facts']) database.createObjectStore(table, { keyPath: 'id' });
  },
  (database) => {
    database.createObjectStore('joining', { keyPath: 'id' });
  },
  (database) => {
    for (const table of ['passphrase', 'renewal']) database.createObjectStore(table, { keyPath: 'id' });
  },
  (database) => {
    database.createObjectStore('moving', { keyPath: 'id' });
  },
  (database) => {
    for (const table of ['shared', 'sharing']) database.createObjectStore(table, { keyPath: 'id' });
  },
];

/** What version 2 makes of the rows of version 1: keys of more types, requests of more kinds, mute, permissions, lock. */
const TO_VERSION_2: Readonly<Record<string, (row: Row) => Row>> = {
  keys: ({ publicKey, ...row }) => ({
    ...row,
    blob: ed25519Blob(publicKey instanceof Uint8Array ? publicKey : new Uint8Array()),
  }),
  pairings: (row) => ({ ...row, speaks: null, mutedUntil: null }),
  requests: (row) => ({ ...row, permission: null }),
  history: ({ signed, outcome, ...row }) => ({
    ...row,
    signed,
    outcome,
    kind: 'login',
    subject: null,
    repository: null,
    // Of version 1 only persons decided, each on the one phone that was asked.
    by: signed === true || outcome === 'rejected' ? 'person' : null,
  }),
  settings: (row) => ({ ...row, lock: null }),
};
