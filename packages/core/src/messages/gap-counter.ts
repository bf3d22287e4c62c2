import type { DeviceId } from '@palmkey/envelope';
import { equal, toHex } from '@palmkey/envelope';
import type { StreamId } from './signed-map.ts';

interface Run {
  readonly stream: StreamId;
  first: number;
  last: number;
  seen: number;
}

/** Counts what is missing from the stream that each sender uses now: what the relay lost or withheld. */
export class GapCounter {
  /** By sender, in hex. */
  readonly #runs = new Map<string, Run>();

  /** Notes a number that was not seen before; returns how many are missing between the first and the last of its stream. */
  note(sender: DeviceId, stream: StreamId, counter: number): number {
    const name = toHex(sender);
    const run = this.#runs.get(name);
    if (!run || !equal(run.stream, stream)) {
      this.#runs.set(name, { stream, first: counter, last: counter, seen: 1 });
      return 0;
    }
    run.first = Math.min(run.first, counter);
    run.last = Math.max(run.last, counter);
    run.seen += 1;
    return run.last - run.first + 1 - run.seen;
  }
}
