import type { ReplayStore, StreamId } from '@palmkey/core/messages';
import { MAX_STREAMS_PER_SENDER, ReplayWindow } from '@palmkey/core/messages';
import type { DeviceId } from '@palmkey/envelope';
import { toHex } from '@palmkey/envelope';
import type { Store } from '../store/store.ts';

/** Which messages were seen, in the app's store: written before a message is acted on, there after a reload. */
export class StoredReplay implements ReplayStore {
  readonly #store: Store;
  /** How many streams of each sender (hexadecimal) are kept. */
  readonly #streams: Map<string, number>;

  private constructor(store: Store, streams: Map<string, number>) {
    this.#store = store;
    this.#streams = streams;
  }

  /** Forgets the streams whose every message is beyond the time check at `now`, and keeps the others. */
  static async open(store: Store, now: number): Promise<StoredReplay> {
    const streams = await store.transact('write', ['replay'], async (transaction) => {
      const counts = new Map<string, number>();
      for (const row of await transaction.all('replay')) {
        const sender = senderOf(row.id);
        if (row.forgetAfter < now) await transaction.delete('replay', row.id);
        else counts.set(sender, (counts.get(sender) ?? 0) + 1);
      }
      return counts;
    });
    return new StoredReplay(store, streams);
  }

  async accept(
    sender: DeviceId,
    stream: StreamId,
    counter: number,
    forgetAfterMs: number,
  ): Promise<'new' | 'replayed'> {
    const id = `${toHex(sender)}/${toHex(stream)}`;
    const kept = this.#streams.get(senderOf(id)) ?? 0;
    const verdict = await this.#store.transact('write', ['replay'], async (transaction) => {
      const row = await transaction.get('replay', id);
      if (row === undefined && kept >= MAX_STREAMS_PER_SENDER) return 'replayed';
      const window = row === undefined ? new ReplayWindow() : ReplayWindow.decode(row.window);
      if (window.accept(counter) === 'replayed') return 'replayed';
      const forgetAfter = Math.max(row?.forgetAfter ?? 0, forgetAfterMs);
      await transaction.put('replay', { id, window: window.encode(), forgetAfter });
      return row === undefined ? 'first' : 'new';
    });
    if (verdict !== 'first') return verdict;
    this.#streams.set(senderOf(id), kept + 1);
    return 'new';
  }
}

function senderOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
