import { encodePushed, FrameType, parseResume, sealedBody, type DeviceId } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { UndeliveredCode } from './errors.ts';
import { Outbox } from './outbox.ts';
import { RelayClient } from './relay-client.ts';
import { admit, control, delivery, errorFrame, sentOf } from './testing/fake-relay.ts';
import { FakeSockets } from './testing/fake-sockets.ts';
import { testDevice } from './testing/test-device.ts';
import { TestTimers } from './testing/test-timers.ts';

const device = testDevice();
const other = testDevice();
const body = sealedBody(Uint8Array.of(1, 2, 3));
const random = (length: number) => new Uint8Array(randomBytes(length));

function newClient(outbox = new Outbox()) {
  const sockets = new FakeSockets();
  const timers = new TestTimers();
  const client = new RelayClient({ relay: 'https://relay.example', device, sockets, timers, random, outbox });
  const told: [number, UndeliveredCode | 'stored' | 'settled'][] = [];
  client.onUndelivered((_, number, code) => told.push([number, code]));
  client.onStored((_, number) => told.push([number, 'stored']));
  client.onSettled((_, number) => told.push([number, 'settled']));
  client.start();
  const enter = (epoch?: number) => admit(sockets.last, device.id, timers.now(), epoch);
  const again = async (epoch?: number) => {
    sockets.last.events.onClose(1006, '');
    const { state } = client;
    if (state.is !== 'waiting') throw new Error(state.is);
    timers.advance(state.nextTryAt - timers.now());
    await enter(epoch);
  };
  return { client, sockets, timers, told, enter, again, outbox };
}

async function connected(epoch = 5) {
  const all = newClient();
  await all.enter(epoch);
  return all;
}

describe('mail that comes', () => {
  test('it resumes with nothing first, then with the epoch and the delivery it is done with', async () => {
    const { sockets, again, timers } = await connected(5);
    const resumes = () => sentOf(sockets.last, FrameType.resume).map((frame) => parseResume(frame.body));
    expect(resumes()).toEqual([{ epoch: 0, cursor: 0 }]);
    sockets.last.events.onMessage(delivery(other.id, 7, body));
    timers.advance(500);
    await again(5);
    expect(resumes()).toEqual([{ epoch: 5, cursor: 7 }]);
    await again(6);
    expect(resumes()).toEqual([{ epoch: 5, cursor: 7 }]);
    await again(6);
    expect(resumes()).toEqual([{ epoch: 6, cursor: 0 }]);
  });

  test('it is acked 500 ms later, and at once after 64', async () => {
    const { sockets, timers } = await connected();
    const acks = () => sentOf(sockets.last, FrameType.ack).map(({ number }) => number);
    sockets.last.events.onMessage(delivery(other.id, 3, body));
    timers.advance(499);
    expect(acks()).toEqual([]);
    timers.advance(1);
    expect(acks()).toEqual([3]);
    for (let i = 10; i < 74; i++) sockets.last.events.onMessage(delivery(other.id, i, body));
    expect(acks()).toEqual([3, 73]);
    timers.advance(1000);
    expect(acks()).toEqual([3, 73]);
  });

  test('a delivery at or before the last is handed on once, in a new epoch again', async () => {
    const { client, sockets, again } = await connected();
    let bodies = 0;
    client.onBody(() => bodies++);
    for (const number of [1, 2, 2, 1, 3]) sockets.last.events.onMessage(delivery(other.id, number, body));
    expect(bodies).toBe(3);
    await again(5);
    for (const number of [1, 2, 3]) sockets.last.events.onMessage(delivery(other.id, number, body));
    expect(bodies).toBe(3);
    await again(6);
    sockets.last.events.onMessage(delivery(other.id, 1, body));
    expect(bodies).toBe(4);
  });

  test('what a listener still works on is not acked, nor what came after it', async () => {
    const { client, sockets, timers } = await connected();
    const ends: (() => void)[] = [];
    client.onBody(() => new Promise<void>((resolve) => ends.push(resolve)));
    for (const number of [1, 2]) sockets.last.events.onMessage(delivery(other.id, number, body));
    ends[1]!();
    await Promise.resolve();
    timers.advance(1000);
    expect(sentOf(sockets.last, FrameType.ack)).toEqual([]);
    ends[0]!();
    await expect.poll(() => timers.nextMs()).toBe(500);
    timers.advance(500);
    expect(sentOf(sockets.last, FrameType.ack).map(({ number }) => number)).toEqual([2]);
  });

  test('work that ends in another epoch acks nothing there', async () => {
    const { client, sockets, timers, again } = await connected();
    const ends: (() => void)[] = [];
    client.onBody(() => new Promise<void>((resolve) => ends.push(resolve)));
    sockets.last.events.onMessage(delivery(other.id, 900, body));
    await again(6);
    ends[0]!();
    await Promise.resolve();
    timers.advance(1000);
    expect(sentOf(sockets.last, FrameType.ack)).toEqual([]);
  });

  test('live messages are handed on and not acked', async () => {
    const { client, sockets, timers } = await connected();
    let bodies = 0;
    client.onBody(() => bodies++);
    for (let i = 0; i < 2; i++) sockets.last.events.onMessage(delivery(other.id, 0, body));
    timers.advance(1000);
    expect([bodies, sentOf(sockets.last, FrameType.ack)]).toEqual([2, []]);
  });

  test('presence of the account is told', async () => {
    const { client, sockets } = await connected();
    const seen: [DeviceId, boolean][] = [];
    client.onPresence((id, present) => seen.push([id, present]));
    sockets.last.events.onMessage(control(FrameType.presence, 1, other.id));
    sockets.last.events.onMessage(control(FrameType.presence, 0, other.id));
    expect(seen).toEqual([
      [other.id, true],
      [other.id, false],
    ]);
    sockets.last.events.onMessage(control(FrameType.presence, 2, other.id));
    expect(client.state).toMatchObject({ is: 'waiting', lastError: 'not-a-relay' });
  });
});

describe('mail that goes', () => {
  const mail = { lifetimeMs: 60_000 };

  test('each is settled by the ack that counts it, and refused ones count too', async () => {
    const { client, sockets, told } = await connected();
    const numbers = [1, 2, 3].map(() => client.send(other.id, body, mail));
    client.send(other.id, body);
    sockets.last.events.onMessage(errorFrame('mailbox-full', numbers[1], other.id));
    sockets.last.events.onMessage(control(FrameType.stored, numbers[0]!, other.id));
    sockets.last.events.onMessage(control(FrameType.ack, 2));
    sockets.last.events.onMessage(control(FrameType.ack, 1));
    expect(told).toEqual([
      [numbers[1], 'mailbox-full'],
      [numbers[0], 'stored'],
      [numbers[0], 'settled'],
    ]);
    sockets.last.events.onMessage(control(FrameType.ack, 3));
    expect(told.at(-1)).toEqual([numbers[2], 'settled']);
    sockets.last.events.onMessage(control(FrameType.ack, 4));
    expect(client.state).toMatchObject({ is: 'waiting', lastError: 'not-a-relay' });
  });

  test('what a connection did not settle is of unknown outcome', async () => {
    const { client, sockets, told } = await connected();
    const numbers = [1, 2].map(() => client.send(other.id, body, mail));
    sockets.last.events.onMessage(control(FrameType.ack, 1));
    sockets.last.events.onClose(1006, '');
    expect(told).toEqual([
      [numbers[0], 'settled'],
      [numbers[1], 'unknown-outcome'],
    ]);
  });

  test('what was taken in an epoch that is over is of unknown outcome, within its lifetime', async () => {
    const { client, sockets, told, timers, again } = await connected(5);
    const [short, long] = [client.send(other.id, body, mail), client.send(other.id, body, { lifetimeMs: 600_000 })];
    sockets.last.events.onMessage(control(FrameType.ack, 2));
    told.length = 0;
    await again(5);
    expect(told).toEqual([]);
    timers.advance(60_000);
    await again(6);
    expect(told).toEqual([[long, 'unknown-outcome']]);
    expect(short).not.toBe(long);
    await again(7);
    expect(told).toHaveLength(1);
  });

  test('a relay that settles nothing has the oldest of 4,096 called unknown', async () => {
    const { client, told } = await connected();
    const numbers = Array.from({ length: 4_098 }, () => client.send(other.id, body, mail));
    expect(told).toEqual([
      [numbers[0], 'unknown-outcome'],
      [numbers[1], 'unknown-outcome'],
    ]);
  });

  test('a message that expired unread is told, though it was taken', async () => {
    const { client, sockets, told, again } = await connected();
    const number = client.send(other.id, body, mail);
    sockets.last.events.onMessage(control(FrameType.ack, 1));
    sockets.last.events.onMessage(errorFrame('expired', number, other.id));
    expect(told).toEqual([
      [number, 'settled'],
      [number, 'expired'],
    ]);
    await again(6);
    expect(told).toHaveLength(2);
  });

  test('a durable one that its sender keeps is not sent again, and survives another epoch', async () => {
    const { client, sockets, told, again } = await connected(5);
    const once = { ...mail, durable: 'once' } as const;
    const numbers = [client.send(other.id, body, once), client.send(other.id, body, once)];
    expect(sentOf(sockets.last, FrameType.unicast).map(({ durable }) => durable)).toEqual([true, true]);
    sockets.last.events.onMessage(control(FrameType.ack, 1));
    await again(6);
    expect(told).toEqual([
      [numbers[0], 'settled'],
      [numbers[1], 'unknown-outcome'],
    ]);
    expect([sentOf(sockets.last, FrameType.unicast), client.unsettled]).toEqual([[], 0]);
  });

  test('a broadcast has no peer, and its refusal is told', async () => {
    const { client, sockets, told } = await connected();
    const number = client.broadcast(body, { ...mail, coalescingKey: 9 });
    const [frame] = sentOf(sockets.last, FrameType.broadcast);
    expect(frame).toMatchObject({ number, coalescingKey: 9, lifetimeS: 60, durable: false });
    sockets.last.events.onMessage(errorFrame('quota', number));
    expect(told).toEqual([[number, 'quota']]);
  });
});

describe('orders', () => {
  test('a push resolves with what became of it, a nameplate with its number', async () => {
    const { client, sockets } = await connected();
    const pushed = client.push(other.id, body, 90_000);
    const [push] = sentOf(sockets.last, FrameType.push);
    expect(push).toMatchObject({ peer: other.id, lifetimeS: 90 });
    sockets.last.events.onMessage(control(FrameType.pushed, push!.number, other.id, encodePushed('no-registration')));
    expect(await pushed).toBe('no-registration');
    const nameplate = client.allocateNameplate(random(32) as never);
    const [allocate] = sentOf(sockets.last, FrameType.nameplateAllocate);
    sockets.last.events.onMessage(control(FrameType.done, allocate!.number, undefined, Uint8Array.of(0, 0, 1, 2)));
    expect(await nameplate).toBe(258);
  });

  test('one that the relay asks to wait for is given again after that, and for longer than 10 s not', async () => {
    const { client, sockets, timers } = await connected();
    const order = client.invite({ grantHash: random(32), lifetimeS: 60 });
    const { number } = sentOf(sockets.last, FrameType.invite)[0]!;
    sockets.last.events.onMessage(errorFrame('rate-limited', number, undefined, 3_000));
    timers.advance(3_000);
    expect(sentOf(sockets.last, FrameType.invite).map((frame) => frame.number)).toEqual([number, number]);
    sockets.last.events.onMessage(errorFrame('rate-limited', number, undefined, 30_000));
    await expect(order).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 30_000 });
  });
});
