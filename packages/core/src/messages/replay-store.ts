import type { DeviceId } from '@palmkey/envelope';
import { toHex } from '@palmkey/envelope';
import type { MaybePromise } from '../crypto/index.ts';
import { ReplayWindow } from './replay-window.ts';
import type { StreamId } from './signed-map.ts';

/** The most streams of one sender that are kept at once; one more is refused as replayed. */
export const MAX_STREAMS_PER_SENDER = 1024;

/** Port: the replay windows of a device, one for each (sender, stream). */
export interface ReplayStore {
  /**
   * Notes a number, stored before it returns, and says whether it was new. The window may be forgotten once the clock is
   * past the largest `forgetAfterMs` (ms since 1970 UTC) that it was given.
   */
  accept(sender: DeviceId, stream: StreamId, counter: number, forgetAfterMs: number): MaybePromise<'new' | 'replayed'>;
}

interface Entry {
  readonly window: ReplayWindow;
  forgetAfterMs: number;
}

/** A {@link ReplayStore} in memory: for tests, and as the working copy of a store on disk. */
export class MemoryReplayStore implements ReplayStore {
  /** By sender, then stream, both in hex. */
  readonly #senders = new Map<string, Map<string, Entry>>();

  accept(sender: DeviceId, stream: StreamId, counter: number, forgetAfterMs: number): 'new' | 'replayed' {
    const streams = this.#streamsOf(toHex(sender));
    const name = toHex(stream);
    let entry = streams.get(name);
    if (!entry) {
      if (streams.size >= MAX_STREAMS_PER_SENDER) return 'replayed';
      entry = { window: new ReplayWindow(), forgetAfterMs };
      streams.set(name, entry);
    }
    const verdict = entry.window.accept(counter);
    if (verdict === 'new') entry.forgetAfterMs = Math.max(entry.forgetAfterMs, forgetAfterMs);
    return verdict;
  }

  /** Drops every window whose time is over. */
  forget(now: number): void {
    for (const [sender, streams] of this.#senders) {
      for (const [name, { forgetAfterMs }] of streams) if (forgetAfterMs < now) streams.delete(name);
      if (streams.size === 0) this.#senders.delete(sender);
    }
  }

  /** How many windows are kept. */
  get size(): number {
    let size = 0;
    for (const streams of this.#senders.values()) size += streams.size;
    return size;
  }

  #streamsOf(sender: string): Map<string, Entry> {
    let streams = this.#senders.get(sender);
    if (!streams) this.#senders.set(sender, (streams = new Map<string, Entry>()));
    return streams;
  }
}
