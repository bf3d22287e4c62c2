import type { IDBPDatabase, IDBPObjectStore } from 'idb';
import { openDB } from 'idb';
import type { Migration } from './migrations.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Rows, TableName } from './schema.ts';
import type { Store, Transaction, TransactionMode } from './store.ts';
import { StoreError } from './store.ts';

/** What an open database tells while it is open. */
export interface IndexedDbEvents {
  /** It can no longer be used: another tab runs a newer app, or the browser closed it. */
  readonly onLost?: (error: StoreError) => void;
}

/**
 * Opens the app's database, migrating it forward.
 *
 * Throws a {@link StoreError}: `newer-version` if a later app has been here (nothing is changed), otherwise
 * `store-failed`.
 */
export async function openIndexedDbStore(
  name: string,
  events: IndexedDbEvents = {},
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<Store> {
  try {
    const database = await openDB(name, migrations.length, {
      upgrade: (db, from, _to, transaction) => {
        void migrateAll(migrations.slice(from), db, transaction);
      },
      blocking: (_current, _blocked, event) => {
        // A newer app in another tab waits for us: step aside rather than block it.
        if (event.target instanceof IDBDatabase) event.target.close();
        events.onLost?.(new StoreError('newer-version'));
      },
      terminated: () => events.onLost?.(new StoreError('store-failed', new Error('the browser closed the database'))),
    });
    return new IndexedDbStore(database);
  } catch (error) {
    throw asStoreError(error);
  }
}

/** One version after the other; a step that fails leaves the database as it was, and its opening rejects. */
async function migrateAll(steps: readonly Migration[], ...[db, transaction]: Parameters<Migration>): Promise<void> {
  try {
    for (const migrate of steps) await migrate(db, transaction);
  } catch {
    transaction.abort();
  }
}

class IndexedDbStore implements Store {
  readonly #database: IDBPDatabase;

  constructor(database: IDBPDatabase) {
    this.#database = database;
  }

  async transact<R>(
    mode: TransactionMode,
    tables: readonly TableName[],
    work: (transaction: Transaction) => Promise<R>,
  ): Promise<R> {
    let transaction;
    try {
      transaction = this.#database.transaction([...tables], mode === 'write' ? 'readwrite' : 'readonly');
    } catch (error) {
      throw asStoreError(error);
    }
    const done = transaction.done.then(
      () => undefined,
      (error: unknown) => asStoreError(error),
    );
    let result: R;
    try {
      result = await work(new IndexedDbTransaction((table) => transaction.objectStore(table)));
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // It has ended already, by the same fault.
      }
      await done;
      throw error instanceof DOMException ? asStoreError(error) : error;
    }
    // What was written is on its way: said now, the end costs no further turn of the browser.
    if (mode === 'write') commit(transaction);
    const failure = await done;
    if (failure !== undefined) throw failure;
    return result;
  }

  close(): void {
    this.#database.close();
  }
}

type Table = IDBPObjectStore<unknown, TableName[], TableName, 'readonly' | 'readwrite'>;

class IndexedDbTransaction implements Transaction {
  readonly #table: (name: TableName) => Table;

  constructor(table: (name: TableName) => Table) {
    this.#table = table;
  }

  async get<T extends TableName>(table: T, id: string): Promise<Rows[T] | undefined> {
    // Only this app writes this origin's database, and only rows of the table's type.
    return (await this.#table(table).get(id)) as Rows[T] | undefined;
  }

  async all<T extends TableName>(table: T): Promise<Rows[T][]> {
    return (await this.#table(table).getAll()) as Rows[T][];
  }

  async put<T extends TableName>(table: T, row: Rows[T]): Promise<void> {
    const store = this.#table(table);
    if (store.put === undefined) throw new StoreError('store-failed', new Error('a read transaction writes nothing'));
    // Not waited for: one that fails aborts the transaction, and so fails it as a whole.
    store.put(row).catch(() => undefined);
    await Promise.resolve();
  }

  async delete(table: TableName, id: string): Promise<void> {
    const store = this.#table(table);
    if (store.delete === undefined)
      throw new StoreError('store-failed', new Error('a read transaction writes nothing'));
    store.delete(id).catch(() => undefined);
    await Promise.resolve();
  }
}

function commit(transaction: { commit(): void }): void {
  try {
    transaction.commit();
  } catch {
    // It has ended already: by a fault, which its end tells, or by itself since nothing was written.
  }
}

function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const newer = error instanceof DOMException && error.name === 'VersionError';
  return new StoreError(newer ? 'newer-version' : 'store-failed', error);
}
