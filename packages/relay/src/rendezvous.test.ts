import { parseDeviceId, parseRendezvousId, parseRendezvousSender } from '@palmkey/envelope';
import { afterAll, describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { RendezvousHall } from './rendezvous.ts';
import { RendezvousStore } from './store/rendezvous-store.ts';
import { TestClock } from './testing/test-clock.ts';
import { testableDialects, TestStores } from './testing/test-stores.ts';

const id = parseRendezvousId(new Uint8Array(32).fill(1));
const host = parseDeviceId(new Uint8Array(16).fill(2));
const me = parseRendezvousSender(new Uint8Array(16).fill(4));
const other = parseRendezvousSender(new Uint8Array(16).fill(5));
const never = new AbortController().signal;
const failing = (code: string): Error => expect.objectContaining({ name: 'RelayError', code }) as Error;

describe.each(testableDialects)('a hall over a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());

  /** Halls of so many nodes that share a store, and hear of each other at once. */
  async function newHalls(nodes: number) {
    const store = new RendezvousStore(await stores.open());
    const clock = new TestClock();
    const halls: RendezvousHall[] = [];
    for (let node = 0; node < nodes; node++) {
      const announce = (changed: Uint8Array): void => {
        for (const [i, hall] of halls.entries()) if (i !== node) hall.wake(changed);
      };
      halls.push(new RendezvousHall({ clock, store: waitingFor(store, () => polls), announce }));
    }
    const polls = new Gate();
    const [hall, second = hall] = halls;
    if (!hall || !second) throw new Error('no hall');
    await hall.open(id, host);
    return { clock, hall, second, polls };
  }

  test('answers a poll that waits as soon as a message is left at another node', async () => {
    const { hall, second, polls } = await newHalls(2);
    const poll = hall.messages(id, me, 1, 30_000, never);
    await polls.asked(1);
    expect(await second.post(id, { sender: other, seqno: 1, msg: Uint8Array.of(7) })).toBe('posted');
    expect(await poll).toEqual([{ sender: other, seqno: 1, msg: Uint8Array.of(7) }]);
  });

  test('tells polls that wait, here and at another node, that it was closed', async () => {
    const { hall, second, polls } = await newHalls(2);
    const here = expect(hall.messages(id, me, 1, 30_000, never)).rejects.toThrow(failing('no-rendezvous'));
    const there = expect(second.messages(id, me, 1, 30_000, never)).rejects.toThrow(failing('no-rendezvous'));
    await polls.asked(2);
    expect(await second.close(id, host, null)).toBeUndefined();
    await Promise.all([here, there]);
  });

  test('asks the store now and then, should word from another node have been lost', async () => {
    const { clock, hall, polls } = await newHalls(1);
    const poll = hall.messages(id, me, 1, 30_000, never);
    await polls.asked(1);
    clock.advance(limits.lookAgainMs);
    await polls.asked(2);
    clock.advance(30_000);
    expect(await poll).toEqual([]);
  });

  test('waits on when what comes is not what the poll is for, up to its time', async () => {
    const { clock, hall, polls } = await newHalls(1);
    const poll = hall.messages(id, me, 2, 1000, never);
    await polls.asked(1);
    clock.advance(600);
    await hall.post(id, { sender: other, seqno: 1, msg: Uint8Array.of(1) });
    await polls.asked(2);
    await hall.post(id, { sender: me, seqno: 2, msg: Uint8Array.of(2) });
    await polls.asked(3);
    clock.advance(400);
    expect(await poll).toEqual([]);
  });

  test('lets go of a poll that is given up, and of all when the relay ends', async () => {
    const { hall, polls } = await newHalls(1);
    const gone = new AbortController();
    const poll = hall.messages(id, me, 1, 30_000, gone.signal);
    const another = hall.messages(id, me, 1, 30_000, never);
    await polls.asked(2);
    gone.abort();
    expect(await poll).toEqual([]);
    hall.end();
    expect(await another).toEqual([]);
  });

  test('answers no more than 32 polls at a time, and all of them at once', async () => {
    const { hall, polls } = await newHalls(1);
    const waiting = Array.from({ length: 32 }, () => hall.messages(id, me, 1, 1000, new AbortController().signal));
    await polls.asked(32);
    await expect(hall.messages(id, me, 1, 1000, never)).rejects.toThrow(failing('rendezvous-full'));
    await hall.post(id, { sender: other, seqno: 1, msg: Uint8Array.of(1) });
    for (const messages of await Promise.all(waiting)) expect(messages).toHaveLength(1);
  });
});

/** Counts how often a store was asked for messages and had answered. */
class Gate {
  #count = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  answered(): void {
    this.#count++;
    for (const waiter of this.#waiting) if (waiter.count <= this.#count) waiter.resolve();
  }

  async asked(count: number): Promise<void> {
    if (this.#count < count) await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    // The hall takes the answer up after the store has given it.
    await new Promise(setImmediate);
  }
}

function waitingFor(store: RendezvousStore, gate: () => Gate): RendezvousStore {
  return new Proxy(store, {
    get: (_, name) => {
      if (name !== 'messages') return (Reflect.get(store, name) as () => void).bind(store);
      return async (...args: Parameters<RendezvousStore['messages']>) => {
        try {
          return await store.messages(...args);
        } finally {
          gate().answered();
        }
      };
    },
  });
}
