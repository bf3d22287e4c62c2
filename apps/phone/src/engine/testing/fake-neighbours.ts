import type { Neighbours, Word } from '../neighbours.ts';

type Listener = (word: Word) => void;

/** A seat among the {@link FakeNeighbours}. */
export interface FakeSeat extends Neighbours {
  /** A frozen one hears nothing. */
  frozen: boolean;
}

/** The pages and the worker of one browser, in earshot of each other. */
export class FakeNeighbours {
  readonly #seats = new Map<FakeSeat, Set<Listener>>();
  /** Everything that was said, oldest first. */
  readonly said: Word[] = [];

  sit(): FakeSeat {
    const listeners = new Set<Listener>();
    const seat: FakeSeat = {
      frozen: false,
      say: (word) => {
        this.said.push(word);
        for (const [other, heard] of this.#seats) {
          if (other === seat) continue;
          queueMicrotask(() => {
            if (!other.frozen) for (const listener of [...heard]) listener(word);
          });
        }
      },
      onWord: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    this.#seats.set(seat, listeners);
    return seat;
  }
}
