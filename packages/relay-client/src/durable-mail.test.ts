import { FrameType, sealedBody } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { UndeliveredCode } from './errors.ts';
import { MAX_OUTBOX_MESSAGES, Outbox, type OutboxMessage, type OutboxStore } from './outbox.ts';
import { RelayClient } from './relay-client.ts';
import { admit, control, errorFrame, sentOf } from './testing/fake-relay.ts';
import { FakeSockets } from './testing/fake-sockets.ts';
import { testDevice } from './testing/test-device.ts';
import { TestTimers } from './testing/test-timers.ts';

const device = testDevice();
const other = testDevice();
const body = sealedBody(Uint8Array.of(1, 2, 3));
const durable = { lifetimeMs: 600_000, durable: true };
/** Numbers are random, waits are not. */
const random = (length: number) => (length === 1 ? new Uint8Array(1) : new Uint8Array(randomBytes(length)));

function newClient(outbox = new Outbox(), timers = new TestTimers()) {
  const sockets = new FakeSockets();
  const client = new RelayClient({ relay: 'https://relay.example', device, sockets, timers, random, outbox });
  const told: [number, UndeliveredCode][] = [];
  client.onUndelivered((_, number, code) => told.push([number, code]));
  client.start();
  const enter = (epoch?: number) => admit(sockets.last, device.id, timers.now(), epoch);
  const sent = () => sentOf(sockets.last, FrameType.unicast);
  const hear = (frame: Uint8Array) => sockets.last.events.onMessage(frame);
  return { client, sockets, timers, told, enter, sent, hear, outbox };
}

/** A store that outlives its outboxes; the next write can be held up or fail. */
class KeptMessages implements OutboxStore {
  readonly kept = new Map<number, OutboxMessage>();
  before: Promise<void> = Promise.resolve();

  async put(message: OutboxMessage): Promise<void> {
    await this.before;
    this.kept.set(message.number, message);
  }

  remove(number: number): Promise<void> {
    this.kept.delete(number);
    return Promise.resolve();
  }
}

test('a durable message is given while there is no connection, and sent when there is one', async () => {
  const { client, enter, sent, hear, outbox } = newClient();
  const number = client.send(other.id, body, durable);
  await outbox.idle();
  await enter(5);
  expect(sent()).toMatchObject([{ number, durable: true, lifetimeS: 600, coalescingKey: 0, body }]);
  expect(number).toBeGreaterThanOrEqual(2 ** 52);
  expect(Number.isSafeInteger(number)).toBe(true);
  hear(control(FrameType.ack, 1));
  expect(client.unsettled).toBe(0);
});

test('it is not sent before it is stored', async () => {
  const store = new KeptMessages();
  const { client, enter, sent, outbox } = newClient(new Outbox([], store));
  await enter(5);
  let release = (): void => undefined;
  store.before = new Promise((resolve) => (release = resolve));
  client.send(other.id, body, durable);
  await Promise.resolve();
  expect(sent()).toEqual([]);
  release();
  await outbox.idle();
  expect([sent().length, store.kept.size]).toEqual([1, 1]);
});

test('one that cannot be stored is not sent, and that is told', async () => {
  const store = new KeptMessages();
  const { client, enter, sent, told, outbox } = newClient(new Outbox([], store));
  await enter(5);
  store.before = Promise.reject(new Error('the disk is full'));
  const number = client.send(other.id, body, durable);
  await outbox.idle();
  await expect.poll(() => told).toEqual([[number, 'not-kept']]);
  expect([sent(), client.unsettled]).toEqual([[], 0]);
});

test('unsettled when the connection ends, it is sent again under its number, also after a restart', async () => {
  const store = new KeptMessages();
  const { client, enter, sent, sockets, timers, told, outbox } = newClient(new Outbox([], store));
  await enter(5);
  const numbers = [client.send(other.id, body, durable), client.send(other.id, body, durable)];
  await outbox.idle();
  sockets.last.events.onClose(1006, '');
  timers.advance(1_000);
  await enter(5);
  expect(sent().map(({ number }) => number)).toEqual(numbers);
  expect(told).toEqual([]);
  client.close();

  const next = newClient(new Outbox([...store.kept.values()], store), timers);
  await next.enter(5);
  expect(next.sent().map(({ number }) => number)).toEqual(numbers);
  next.hear(control(FrameType.ack, 2));
  await next.outbox.idle();
  expect(store.kept.size).toBe(0);
});

test.each(['mailbox-full', 'unavailable', 'internal', 'quota', 'absent'] as const)(
  'refused as %s it stays and is tried again, later each time',
  async (code) => {
    const { client, enter, sent, hear, timers, told, outbox } = newClient();
    await enter(5);
    const number = client.send(other.id, body, durable);
    await outbox.idle();
    hear(errorFrame(code, number, other.id));
    hear(control(FrameType.ack, 1));
    expect([sent().length, client.unsettled]).toEqual([1, 1]);
    timers.advance(250);
    expect(sent()).toHaveLength(2);
    hear(errorFrame(code, number, other.id));
    timers.advance(249);
    expect(sent()).toHaveLength(2);
    timers.advance(251);
    expect(sent()).toHaveLength(3);
    hear(control(FrameType.ack, 3));
    expect([client.unsettled, told]).toEqual([0, []]);
  },
);

test('too many frames have all wait as long as the relay says', async () => {
  const { client, enter, sent, hear, timers, outbox } = newClient();
  await enter(5);
  const number = client.send(other.id, body, durable);
  await outbox.idle();
  hear(errorFrame('rate-limited', number, other.id, 5_000));
  client.send(other.id, body, durable);
  await outbox.idle();
  timers.advance(4_999);
  expect(sent()).toHaveLength(1);
  timers.advance(1);
  expect(sent()).toHaveLength(3);
});

test('refused for good, or past its time, it leaves the outbox and that is told', async () => {
  const { client, enter, hear, timers, told, outbox } = newClient();
  await enter(5);
  const brief = { ...durable, lifetimeMs: 200 };
  const [refused, full, open] = [
    client.send(other.id, body, durable),
    client.send(other.id, body, brief),
    client.send(other.id, body, brief),
  ];
  await outbox.idle();
  hear(errorFrame('conflict', refused, other.id));
  hear(errorFrame('mailbox-full', full, other.id));
  timers.advance(200);
  expect(told).toEqual([
    [refused, 'conflict'],
    [full, 'mailbox-full'],
    [open, 'unknown-outcome'],
  ]);
  expect([client.unsettled, timers.nextMs()]).toEqual([0, 9_800]);
});

test('one that never got a connection is expired, in time', () => {
  const { client, timers, told, sockets } = newClient();
  const number = client.send(other.id, body, { ...durable, lifetimeMs: 20_000 });
  sockets.last.events.onClose(1006, '');
  timers.advance(19_999);
  expect(told).toEqual([]);
  timers.advance(1);
  expect(told).toEqual([[number, 'expired']]);
});

test('a full outbox says so and keeps what it has', () => {
  const { client } = newClient();
  for (let i = 0; i < MAX_OUTBOX_MESSAGES; i++) client.send(other.id, body, durable);
  expect(() => client.send(other.id, body, durable)).toThrow(expect.objectContaining({ code: 'outbox-full' }));
  expect(client.unsettled).toBe(MAX_OUTBOX_MESSAGES);
  const long = sealedBody(new Uint8Array(65_536));
  const { client: second } = newClient();
  for (let i = 0; i < 64; i++) second.send(other.id, long, durable);
  expect(() => second.send(other.id, body, durable)).toThrow(expect.objectContaining({ code: 'outbox-full' }));
});

test('a message too large, or without a lifetime, is nothing for the outbox', () => {
  const { client } = newClient();
  const long = sealedBody(new Uint8Array(65_537));
  expect(() => client.send(other.id, long, durable)).toThrow(expect.objectContaining({ code: 'too-large' }));
  expect(() => client.send(other.id, body, { durable: true })).toThrow(expect.objectContaining({ code: 'bad-frame' }));
  client.close();
  expect(() => client.send(other.id, body, durable)).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('a relay of version 1 gets it once, as a live message', async () => {
  const { client, enter, sent, hear, told, outbox } = newClient();
  const number = client.send(other.id, body, durable);
  await outbox.idle();
  await enter();
  expect(sent()).toMatchObject([{ number, durable: false }]);
  expect(client.unsettled).toBe(0);
  hear(errorFrame('absent', number, other.id));
  expect(told).toEqual([[number, 'absent']]);
});

test('at most 256 are on their way, the rest follows in order', async () => {
  const { client, enter, sent, hear, outbox } = newClient();
  const numbers = Array.from({ length: 300 }, () => client.send(other.id, body, durable));
  await outbox.idle();
  await enter(5);
  expect(sent().map(({ number }) => number)).toEqual(numbers.slice(0, 256));
  hear(control(FrameType.ack, 256));
  expect(sent().map(({ number }) => number)).toEqual(numbers);
});
