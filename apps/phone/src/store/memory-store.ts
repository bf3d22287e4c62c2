import type { Rows, TableName } from './schema.ts';
import { TABLES } from './schema.ts';
import type { Store, Transaction, TransactionMode } from './store.ts';
import { StoreError } from './store.ts';

type Table = ReadonlyMap<string, unknown>;

/** The tables of a {@link MemoryStore}: hand the same one to a second store and it finds everything, as after a reload. */
export class MemoryTables {
  readonly tables = new Map<TableName, Table>(TABLES.map((name) => [name, new Map()]));
}

/** A {@link Store} without a browser, held to the same contract as the real one. Transactions run one after the other. */
export class MemoryStore implements Store {
  readonly #disk: MemoryTables;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** A named fault: when set, each write transaction fails at its end with a {@link StoreError}. */
  failWrites = false;
  /** For tests that do something in the very moment after a write: told its tables. */
  onWritten: ((tables: readonly TableName[]) => void) | null = null;

  constructor(disk: MemoryTables = new MemoryTables()) {
    this.#disk = disk;
  }

  transact<R>(
    mode: TransactionMode,
    tables: readonly TableName[],
    work: (transaction: Transaction) => Promise<R>,
  ): Promise<R> {
    const run = this.#last.then(() => this.#run(mode, tables, work));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run<R>(
    mode: TransactionMode,
    tables: readonly TableName[],
    work: (transaction: Transaction) => Promise<R>,
  ): Promise<R> {
    if (this.#closed) throw new StoreError('store-failed', new Error('closed'));
    const drafts = new Map<TableName, Map<string, unknown>>();
    for (const name of tables) drafts.set(name, new Map(this.#disk.tables.get(name)));
    const result = await work(new MemoryTransaction(mode, drafts));
    if (mode === 'write') {
      if (this.failWrites) throw new StoreError('store-failed', new Error('write refused'));
      for (const [name, draft] of drafts) this.#disk.tables.set(name, draft);
      this.onWritten?.(tables);
    }
    return result;
  }

  close(): void {
    this.#closed = true;
  }
}

class MemoryTransaction implements Transaction {
  readonly #mode: TransactionMode;
  readonly #drafts: Map<TableName, Map<string, unknown>>;

  constructor(mode: TransactionMode, drafts: Map<TableName, Map<string, unknown>>) {
    this.#mode = mode;
    this.#drafts = drafts;
  }

  async get<T extends TableName>(table: T, id: string): Promise<Rows[T] | undefined> {
    await Promise.resolve();
    // What stands under a table's name was put there as its row.
    return structuredClone(this.#draft(table).get(id)) as Rows[T] | undefined;
  }

  async all<T extends TableName>(table: T): Promise<Rows[T][]> {
    await Promise.resolve();
    const rows = [...this.#draft(table)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    return structuredClone(rows) as Rows[T][];
  }

  async put<T extends TableName>(table: T, row: Rows[T]): Promise<void> {
    await Promise.resolve();
    this.#writable(table).set(row.id, structuredClone(row));
  }

  async delete(table: TableName, id: string): Promise<void> {
    await Promise.resolve();
    this.#writable(table).delete(id);
  }

  #writable(table: TableName): Map<string, unknown> {
    if (this.#mode === 'read') throw new StoreError('store-failed', new Error('a read transaction writes nothing'));
    return this.#draft(table);
  }

  #draft(table: TableName): Map<string, unknown> {
    const draft = this.#drafts.get(table);
    if (draft === undefined) throw new StoreError('store-failed', new Error(`${table} is not in this transaction`));
    return draft;
  }
}
