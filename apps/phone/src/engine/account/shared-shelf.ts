import type { HexId } from '../../model/hex-id.ts';
import type { SharedRow, SharingRow } from '../../store/schema.ts';
import type { Store, Transaction } from '../../store/store.ts';
import type { Turns } from '../turns.ts';

/** What is to be written as one. */
export interface SharedChange {
  readonly put?: readonly SharedRow[];
  readonly gone?: readonly string[];
  readonly sharing?: SharingRow;
  /** What else belongs to it, in the same transaction; over the table `permissions`. */
  readonly along?: (transaction: Transaction) => Promise<void>;
}

/** The records of account data that this device knows: in memory what the store holds. */
export class SharedShelf {
  readonly #store: Store;
  readonly #turns: Turns;
  readonly #rows: Map<string, SharedRow>;
  #sharing: SharingRow | null;

  private constructor(store: Store, turns: Turns, rows: readonly SharedRow[], sharing: SharingRow | null) {
    this.#store = store;
    this.#turns = turns;
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    this.#sharing = sharing;
  }

  /** Throws a StoreError. */
  static async open(store: Store, turns: Turns): Promise<SharedShelf> {
    return store.transact('read', ['shared', 'sharing'], async (transaction) => {
      const sharing = await transaction.get('sharing', 'sharing');
      return new SharedShelf(store, turns, await transaction.all('shared'), sharing ?? null);
    });
  }

  get sharing(): SharingRow | null {
    return this.#sharing;
  }

  get rows(): Iterable<SharedRow> {
    return this.#rows.values();
  }

  get(name: string): SharedRow | undefined {
    return this.#rows.get(name);
  }

  /** All records of a device. */
  of(device: HexId): readonly SharedRow[] {
    return [...this.#rows.values()].filter(({ id }) => id.split('/')[1] === device);
  }

  /** Writes a change and then holds it. Throws a StoreError. */
  async save({ put = [], gone = [], sharing, along }: SharedChange): Promise<void> {
    await this.#turns.exclusively(() =>
      this.#store.transact('write', ['shared', 'sharing', 'permissions'], async (transaction) => {
        for (const row of put) await transaction.put('shared', row);
        for (const id of gone) await transaction.delete('shared', id);
        if (sharing !== undefined) await transaction.put('sharing', sharing);
        await along?.(transaction);
      }),
    );
    for (const row of put) this.#rows.set(row.id, row);
    for (const id of gone) this.#rows.delete(id);
    if (sharing !== undefined) this.#sharing = sharing;
  }
}
