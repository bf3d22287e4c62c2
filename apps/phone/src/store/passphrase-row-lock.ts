import { keyFileKey, lockKeyFile, openKeyFile, PassphraseError, type PassphraseStream } from '@palmkey/core/account';
import { hmacSha256, type Primitives, sha256 } from '@palmkey/core/crypto';
import { ascii, concat, toHex } from '@palmkey/envelope';
import { importLockable, keyBytes } from '../keyring/key-bytes.ts';
import { type FormedKey, formRow, keysInRow, readRow } from './row-form.ts';
import type { Rows, TableName } from './schema.ts';
import { StoreError } from './store.ts';
import type { LockedRow, RowLock } from './vault-store.ts';

/**
 * Locks each row as a file of its own under a passphrase's stream. In the row stands its table beside it, and its id is an
 * HMAC of both, so that no row can be put in the place of another.
 */
export class PassphraseRowLock implements RowLock {
  readonly #primitives: Pick<Primitives, 'randomBytes'>;
  readonly #stream: PassphraseStream;
  readonly #idKey: Uint8Array;
  /** The handles of keys that are locked, by the SHA-256 of their bytes: no row can wait for them to be made. */
  readonly #keys = new Map<string, CryptoKey>();

  /** The stream is the caller's to wipe, once this is of no use any more. */
  constructor(primitives: Pick<Primitives, 'randomBytes'>, stream: PassphraseStream) {
    this.#primitives = primitives;
    this.#stream = stream;
    this.#idKey = hmacSha256(keyFileKey(stream), ascii('palmkey/row-id/1'));
  }

  /** The handles of all keys that are locked. */
  get keys(): readonly CryptoKey[] {
    return [...this.#keys.values()];
  }

  /** Makes the handles of the keys in these rows, which can be opened afterwards. Throws as {@link PassphraseRowLock.open}. */
  async learn(rows: readonly LockedRow[]): Promise<void> {
    for (const { locked, handles } of rows) {
      const bytes = this.#unlocked(locked);
      for (const key of keysInRow(bytes, handles))
        this.#keys.set(digest(key.bytes), await importLockable(key.form, new Uint8Array(key.bytes)));
      bytes.fill(0);
    }
  }

  hide(table: TableName, id: string): string {
    return toHex(hmacSha256(this.#idKey, concat(ascii(table), Uint8Array.of(0), new TextEncoder().encode(id))));
  }

  lock(table: TableName, row: Rows[TableName]): LockedRow {
    const { bytes, handles, keys } = formRow([table, row]);
    for (const key of keys) this.#keys.set(digest(keyBytes(key) ?? new Uint8Array()), key);
    const locked = lockKeyFile(this.#primitives, this.#stream, bytes);
    bytes.fill(0);
    return { id: this.hide(table, row.id), locked, handles };
  }

  open<T extends TableName>(table: T, { id, locked, handles }: LockedRow): Rows[T] {
    const bytes = this.#unlocked(locked);
    const [inTable, row] = readRow(bytes, handles, (key) => this.#keyOf(key)) as [unknown, Rows[T]];
    bytes.fill(0);
    if (inTable !== table || this.hide(table, row.id) !== id) throw failed('a row in the place of another');
    return row;
  }

  #unlocked(locked: Uint8Array): Uint8Array {
    try {
      return openKeyFile(this.#stream, locked);
    } catch (cause) {
      if (cause instanceof PassphraseError) throw failed('a row that does not open', cause);
      throw cause;
    }
  }

  #keyOf({ bytes }: FormedKey): CryptoKey {
    const key = this.#keys.get(digest(bytes));
    if (key === undefined) throw failed('a key that was not made');
    return key;
  }
}

function digest(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

function failed(why: string, cause?: unknown): StoreError {
  return new StoreError('store-failed', new Error(why, { cause }));
}
