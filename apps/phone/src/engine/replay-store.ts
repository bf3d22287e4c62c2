import type { ReplayStore, StreamId } from '@palmkey/core/messages';
import { MAX_STREAMS_PER_SENDER, ReplayWindow } from '@palmkey/core/messages';
import type { DeviceId } from '@palmkey/envelope';
import { PalmkeyError, toHex } from '@palmkey/envelope';
import type { Store, Transaction } from '../store/store.ts';

/** Another tab has taken this message since this one read the store: this one must not act on it. */
export class TakenElsewhereError extends PalmkeyError {
  override readonly name = 'TakenElsewhereError';
  readonly code = 'taken-elsewhere';
}

interface Stream {
  readonly window: ReplayWindow;
  forgetAfter: number;
  /** Numbers that were accepted and are not stored yet. */
  unstored: number[];
}

/**
 * Which messages were seen, in the app's store, and there after a reload. A number is judged in memory at once and
 * stored before its message is acted on: in the very transaction that acts ({@link store}), or ahead of it
 * ({@link flush}).
 */
export class StoredReplay implements ReplayStore {
  readonly #store: Store;
  readonly #streams: Map<string, Stream>;
  readonly #unstored = new Set<string>();

  private constructor(store: Store, streams: Map<string, Stream>) {
    this.#store = store;
    this.#streams = streams;
  }

  /** Forgets the streams whose every message is beyond the time check at `now`, and keeps the others. */
  static async open(store: Store, now: number): Promise<StoredReplay> {
    const streams = await store.transact('write', ['replay'], async (transaction) => {
      const kept = new Map<string, Stream>();
      for (const { id, window, forgetAfter } of await transaction.all('replay')) {
        if (forgetAfter < now) await transaction.delete('replay', id);
        else kept.set(id, { window: ReplayWindow.decode(window), forgetAfter, unstored: [] });
      }
      return kept;
    });
    return new StoredReplay(store, streams);
  }

  accept(sender: DeviceId, stream: StreamId, counter: number, forgetAfterMs: number): 'new' | 'replayed' {
    const name = toHex(sender);
    const id = `${name}/${toHex(stream)}`;
    let entry = this.#streams.get(id);
    if (entry === undefined) {
      if (this.#countOf(name) >= MAX_STREAMS_PER_SENDER) return 'replayed';
      entry = { window: new ReplayWindow(), forgetAfter: forgetAfterMs, unstored: [] };
      this.#streams.set(id, entry);
    }
    if (entry.window.accept(counter) === 'replayed') return 'replayed';
    entry.forgetAfter = Math.max(entry.forgetAfter, forgetAfterMs);
    entry.unstored.push(counter);
    this.#unstored.add(id);
    return 'new';
  }

  /** How many numbers are not stored yet. */
  get unstored(): number {
    let count = 0;
    for (const id of this.#unstored) count += this.#streams.get(id)?.unstored.length ?? 0;
    return count;
  }

  /**
   * Writes what was accepted, as part of a write transaction over `replay`; throws {@link TakenElsewhereError} for a
   * number that stands there already.
   */
  async store(transaction: Transaction): Promise<void> {
    for (const id of this.#unstored) {
      const entry = this.#streams.get(id);
      if (entry === undefined) continue;
      const row = await transaction.get('replay', id);
      const window = row === undefined ? new ReplayWindow() : ReplayWindow.decode(row.window);
      const numbers = entry.unstored;
      entry.unstored = [];
      this.#unstored.delete(id);
      for (const n of numbers) if (window.accept(n) === 'replayed') throw new TakenElsewhereError('taken elsewhere');
      const forgetAfter = Math.max(row?.forgetAfter ?? 0, entry.forgetAfter);
      await transaction.put('replay', { id, window: window.encode(), forgetAfter });
    }
  }

  /** Writes what was accepted, if anything was, in a transaction of its own. */
  async flush(): Promise<void> {
    if (this.#unstored.size > 0)
      await this.#store.transact('write', ['replay'], (transaction) => this.store(transaction));
  }

  #countOf(sender: string): number {
    let count = 0;
    for (const id of this.#streams.keys()) if (id.startsWith(`${sender}/`)) count++;
    return count;
  }
}
