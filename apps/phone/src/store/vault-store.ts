import type { PassphraseRow, Rows, TableName } from './schema.ts';
import { TABLES } from './schema.ts';
import type { Store, Transaction, TransactionMode } from './store.ts';

/** A row as it is kept under a passphrase: nothing of it can be read but how long it is. */
export interface LockedRow {
  /** Hides the row's own id. */
  readonly id: string;
  /** A locked file (spec/account.md, "The passphrase"). */
  readonly locked: Uint8Array;
  /** The keys in it whose bytes nobody has, which are kept as the handles they are. */
  readonly handles: readonly CryptoKey[];
}

/** Port: locks rows and opens them again, at once, so that a transaction can wait for it. */
export interface RowLock {
  /** How a row's id is found. */
  hide(table: TableName, id: string): string;
  lock(table: TableName, row: Rows[TableName]): LockedRow;
  /** Throws a StoreError for what it has not locked. */
  open<T extends TableName>(table: T, kept: LockedRow): Rows[T];
}

/** The one table that is read before anything is opened. */
const OPEN_TABLE = 'passphrase';

/**
 * A {@link Store} over another, all of whose rows are locked while there is a passphrase. Without one, everything goes
 * through as it is.
 */
export class VaultStore implements Store {
  readonly #kept: Store;
  #lock: RowLock | null = null;
  #switching: Promise<unknown> | undefined;

  constructor(kept: Store) {
    this.#kept = kept;
  }

  /** What says that rows are locked; null: they are not. */
  async passphrase(): Promise<PassphraseRow | null> {
    return (await this.#kept.transact('read', [OPEN_TABLE], (rows) => rows.get(OPEN_TABLE, 'passphrase'))) ?? null;
  }

  /** Every row of a table as it is kept. */
  async lockedRows(table: TableName): Promise<readonly LockedRow[]> {
    return (await this.#kept.transact('read', [table], (rows) => rows.all(table))).map(asLocked);
  }

  /** The rows are locked by this, and open from here on. */
  openWith(lock: RowLock): void {
    this.#lock = lock;
  }

  async transact<R>(
    mode: TransactionMode,
    tables: readonly TableName[],
    work: (transaction: Transaction) => Promise<R>,
  ): Promise<R> {
    await this.#switched();
    return this.#kept.transact(mode, tables, (rows) => work(through(rows, this.#lock)));
  }

  /**
   * Keeps every row under another lock, or under none, and does `also` with them: all of it in one transaction, or nothing
   * has changed. What is asked meanwhile waits.
   */
  async switchTo(
    next: { readonly lock: RowLock; readonly row: PassphraseRow } | null,
    also: (transaction: Transaction) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const switching = Promise.resolve(this.#switching).then(() => this.#switchTo(next, also));
    this.#switching = switching.catch(() => undefined);
    await switching;
  }

  /** Deletes every row, which needs no passphrase. */
  async deleteAll(): Promise<void> {
    await this.#kept.transact('write', TABLES, async (rows) => {
      for (const table of TABLES) for (const { id } of await rows.all(table)) await rows.delete(table, id);
    });
    this.#lock = null;
  }

  close(): void {
    this.#kept.close();
  }

  async #switchTo(...[next, also]: Required<Parameters<VaultStore['switchTo']>>): Promise<void> {
    const former = this.#lock;
    const lock = next?.lock ?? null;
    await this.#kept.transact('write', TABLES, async (rows) => {
      for (const table of TABLES) if (table !== OPEN_TABLE) await relock(rows, table, former, lock);
      if (next === null) await rows.delete(OPEN_TABLE, 'passphrase');
      else await rows.put(OPEN_TABLE, next.row);
      await also(through(rows, lock));
    });
    this.#lock = lock;
  }

  /** Resolves at once where nothing is being switched, and then no later than the next switch could begin. */
  async #switched(): Promise<void> {
    for (let last; this.#switching !== last;) {
      last = this.#switching;
      await last;
    }
  }
}

async function relock(rows: Transaction, table: TableName, former: RowLock | null, next: RowLock | null) {
  const kept = await rows.all(table);
  const opened = kept.map((row) => (former === null ? row : former.open(table, asLocked(row))));
  for (const { id } of kept) await rows.delete(table, id);
  for (const row of opened) await rows.put(table, next === null ? row : asKept(next.lock(table, row)));
}

function through(rows: Transaction, lock: RowLock | null): Transaction {
  return lock === null ? rows : new LockedTransaction(rows, lock);
}

class LockedTransaction implements Transaction {
  readonly #rows: Transaction;
  readonly #lock: RowLock;

  constructor(rows: Transaction, lock: RowLock) {
    this.#rows = rows;
    this.#lock = lock;
  }

  async get<T extends TableName>(table: T, id: string): Promise<Rows[T] | undefined> {
    if (table === OPEN_TABLE) return this.#rows.get(table, id);
    const kept = await this.#rows.get(table, this.#lock.hide(table, id));
    return kept === undefined ? undefined : this.#lock.open(table, asLocked(kept));
  }

  async all<T extends TableName>(table: T): Promise<Rows[T][]> {
    const kept = await this.#rows.all(table);
    if (table === OPEN_TABLE) return kept;
    return kept.map((row) => this.#lock.open(table, asLocked(row))).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async put<T extends TableName>(table: T, row: Rows[T]): Promise<void> {
    await this.#rows.put(table, table === OPEN_TABLE ? row : asKept(this.#lock.lock(table, row)));
  }

  async delete(table: TableName, id: string): Promise<void> {
    await this.#rows.delete(table, table === OPEN_TABLE ? id : this.#lock.hide(table, id));
  }
}

/** What stands in a table while there is a passphrase was put there by {@link RowLock.lock}. */
function asLocked(row: unknown): LockedRow {
  return row as LockedRow;
}

/** To the store beneath, a row is whatever has an id. */
function asKept(row: LockedRow): never {
  return row as never;
}
