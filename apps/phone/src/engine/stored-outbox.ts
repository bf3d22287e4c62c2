import { fromHex, parseDeviceId, sealedBody, toHex } from '@palmkey/envelope';
import { Outbox } from '@palmkey/relay-client';
import type { OutboxMessage } from '@palmkey/relay-client';
import type { OutboxRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/** What must still be said to other devices, by relay, in the app's store: it survives a reload. */
export class StoredOutboxes {
  readonly #store: Store;
  readonly #rows: readonly OutboxRow[];
  readonly #outboxes = new Map<string, Outbox>();

  private constructor(store: Store, rows: readonly OutboxRow[]) {
    this.#store = store;
    this.#rows = rows;
  }

  /** Reads what is kept. Throws a `StoreError`. */
  static async open(store: Store): Promise<StoredOutboxes> {
    const rows = await store.transact('read', ['outbox'], (transaction) => transaction.all('outbox'));
    return new StoredOutboxes(
      store,
      rows.toSorted((a, b) => a.postedAt - b.postedAt),
    );
  }

  /** The relays that something was left to be sent to. */
  relays(): readonly string[] {
    return [...new Set(this.#rows.map(({ relay }) => relay))];
  }

  /** The outbox of a relay, the same one each time. `now` is this device's clock. */
  of(relay: string, now: () => number): Outbox {
    const known = this.#outboxes.get(relay);
    if (known !== undefined) return known;
    const kept = this.#rows.filter((row) => row.relay === relay).map(messageOf);
    const outbox = new Outbox(kept, {
      put: (message) => this.#put({ ...rowOf(message), relay, postedAt: now() }),
      remove: (number) =>
        this.#store.transact('write', ['outbox'], (transaction) => transaction.delete('outbox', String(number))),
    });
    this.#outboxes.set(relay, outbox);
    return outbox;
  }

  #put(row: OutboxRow): Promise<void> {
    return this.#store.transact('write', ['outbox'], (transaction) => transaction.put('outbox', row));
  }
}

function rowOf({ number, to, body, expiresAt }: OutboxMessage): Omit<OutboxRow, 'relay' | 'postedAt'> {
  return { id: String(number), to: to === null ? null : toHex(to), body, expiresAt };
}

function messageOf({ id, to, body, expiresAt }: OutboxRow): OutboxMessage {
  return { number: Number(id), to: to === null ? null : parseDeviceId(fromHex(to)), body: sealedBody(body), expiresAt };
}
