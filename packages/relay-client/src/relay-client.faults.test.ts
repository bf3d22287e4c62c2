import { sealedBody } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox, type OutboxMessage, type OutboxStore } from './outbox.ts';
import { RelayClient } from './relay-client.ts';
import { admit } from './testing/fake-relay.ts';
import { FakeSockets } from './testing/fake-sockets.ts';
import { ModelRelay } from './testing/model-relay.ts';
import { testDevice } from './testing/test-device.ts';
import { TestTimers } from './testing/test-timers.ts';

const device = testDevice();
const other = testDevice();
const lifetimeMs = 3_600_000;
const random = (length: number) => (length === 1 ? new Uint8Array(1) : new Uint8Array(randomBytes(length)));

/** One client after the other, on the same outbox, beside a relay that loses what it may lose. */
class World {
  readonly relay = new ModelRelay(device.id, other.id);
  readonly timers = new TestTimers();
  readonly kept = new Map<number, OutboxMessage>();
  readonly durable: number[] = [];
  readonly mail: { run: number; number: number }[] = [];
  readonly told = new Set<string>();
  /** Which mail was handed on, by the epoch and the run of the program. */
  readonly seen: string[] = [];
  readonly handedOn = new Set<number>();
  #run = 0;
  #posted = 0;
  #sockets = new FakeSockets();
  #outbox = new Outbox();
  #client: RelayClient | undefined;

  async start(): Promise<void> {
    this.#run++;
    const run = this.#run;
    this.#client?.close();
    this.#sockets = new FakeSockets();
    const store: OutboxStore = {
      put: (message) => Promise.resolve(void this.kept.set(message.number, message)),
      remove: (number) => Promise.resolve(void this.kept.delete(number)),
    };
    this.#outbox = new Outbox([...this.kept.values()], store);
    const { timers } = this;
    const options = { relay: 'https://relay.example', device, sockets: this.#sockets, timers, random };
    this.#client = new RelayClient({ ...options, outbox: this.#outbox });
    this.#client.onUndelivered((_, number) => this.told.add(`${run} ${number}`));
    this.#client.onBody((_, body) => {
      const id = (body[0] ?? 0) * 256 + (body[1] ?? 0);
      this.seen.push(`${run} ${this.relay.epoch} ${id}`);
      this.handedOn.add(id);
    });
    this.#client.start();
    await this.#enter();
  }

  async step(op: string): Promise<void> {
    const { relay, timers } = this;
    const body = sealedBody(Uint8Array.of(1));
    switch (op) {
      case 'send':
        this.mail.push({ run: this.#run, number: this.#client!.send(other.id, body, { lifetimeMs }) });
        return;
      case 'send durable':
        this.durable.push(this.#client!.send(other.id, body, { lifetimeMs, durable: true }));
        return this.#outbox.idle();
      case 'read':
        return void relay.read(false);
      case 'refuse':
        return void relay.read(true);
      case 'ack': {
        relay.ack();
        return;
      }
      case 'post': {
        relay.post(++this.#posted, this.#posted % 2 === 0);
        return;
      }
      case 'deliver': {
        relay.deliver(false);
        return;
      }
      case 'deliver twice': {
        relay.deliver(true);
        return;
      }
      case 'wait': {
        timers.advance(600);
        return;
      }
      case 'cut':
        return this.#reconnect();
      case 'crash':
        relay.crash();
        return this.#reconnect();
      case 'restart':
        return this.start();
    }
  }

  /** Until nothing is open any more. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      while (this.relay.read(false));
      this.relay.ack();
      this.relay.deliver(false);
      await this.#outbox.idle();
      this.timers.advance(9_000);
    }
  }

  async #reconnect(): Promise<void> {
    this.#sockets.last.events.onClose(1006, '');
    const { state } = this.#client!;
    if (state.is === 'waiting') this.timers.advance(state.nextTryAt - this.timers.now());
    await this.#enter();
  }

  async #enter(): Promise<void> {
    await admit(this.#sockets.last, device.id, this.timers.now(), this.relay.epoch);
    this.relay.enter(this.#sockets.last);
  }
}

const ops = ['send', 'send durable', 'read', 'refuse', 'ack', 'post', 'deliver', 'deliver twice', 'wait'];
const faults = ['cut', 'crash', 'restart'];
const op = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...ops) },
  { weight: 2, arbitrary: fc.constantFrom(...faults) },
);

test('whatever is lost and whenever, durable mail arrives, other mail arrives or is told, and nothing is seen twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 80 }), async (steps) => {
      const world = new World();
      await world.start();
      for (const each of steps) await world.step(each);
      await world.settle();
      const { relay } = world;
      expect(world.durable.filter((number) => !relay.durable.has(number))).toEqual([]);
      expect([relay.durable.size, world.kept.size]).toEqual([world.durable.length, 0]);
      // A program that ends is told nothing any more: what it leaves open is no concern of the next.
      const runs = new Set(world.mail.map(({ run }) => run));
      const last = Math.max(0, ...runs);
      const lost = world.mail.filter(({ run, number }) => run === last && !relay.taken.has(number));
      expect(lost.filter(({ run, number }) => !world.told.has(`${run} ${number}`))).toEqual([]);
      expect(world.seen.filter((each, i) => world.seen.indexOf(each) !== i)).toEqual([]);
      expect(relay.waiting).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('no delivery is let go of before it was handed on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 60 }), async (steps) => {
      const world = new World();
      await world.start();
      const posted = new Set<number>();
      for (const each of steps) {
        const before = world.relay.waiting.map(({ id }) => id);
        await world.step(each);
        const after = new Set(world.relay.waiting.map(({ id }) => id));
        for (const id of before) if (!after.has(id) && each !== 'crash') expect(world.handedOn).toContain(id);
        for (const id of after) posted.add(id);
      }
      await world.settle();
    }),
    { numRuns: 200 },
  );
});
