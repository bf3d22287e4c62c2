import { PalmkeyError } from '@palmkey/envelope';
import type { Rows, TableName } from './schema.ts';

/** What may be done inside one transaction. Awaiting anything else than these calls inside it ends it early. */
export interface Transaction {
  /** The row with this id, or undefined. */
  get<T extends TableName>(table: T, id: string): Promise<Rows[T] | undefined>;
  /** Every row of a table, by ascending id. */
  all<T extends TableName>(table: T): Promise<Rows[T][]>;
  /** Adds the row, or replaces the one with its id. It is read back from here on; that it failed the transaction's end tells. */
  put<T extends TableName>(table: T, row: Rows[T]): Promise<void>;
  /** Takes a row away; nothing happens if there is none. */
  delete(table: TableName, id: string): Promise<void>;
}

/** How much a transaction may do. `write` is alone on its tables until it ends; `read` writes nothing. */
export type TransactionMode = 'read' | 'write';

/**
 * Where the app keeps what must survive a reload. A row that comes out is the caller's own copy; CryptoKeys are kept
 * as the handles they are.
 */
export interface Store {
  /**
   * Runs `work` in one transaction over `tables`: all of what it wrote is there when this resolves, none of it when
   * it rejects (with what `work` threw, or a {@link StoreError}).
   */
  transact<R>(
    mode: TransactionMode,
    tables: readonly TableName[],
    work: (transaction: Transaction) => Promise<R>,
  ): Promise<R>;
  /** Lets go of the database; later transactions reject. */
  close(): void;
}

/** The store cannot be used: `newer-version` (a later app made it), or `store-failed` (the browser's reason in `cause`). */
export class StoreError extends PalmkeyError {
  override readonly name = 'StoreError';
  readonly code: 'newer-version' | 'store-failed';

  constructor(code: 'newer-version' | 'store-failed', cause?: unknown) {
    super(code === 'newer-version' ? 'the store is from a newer version' : 'the store failed', { cause });
    this.code = code;
  }
}
