import {
  encodeAdmitted,
  encodeChallenge,
  encodeControlFrame,
  encodeFrame,
  encodeRelayError,
  FrameType,
  NOBODY,
  parseConnectNonce,
  parseFrame,
  parseRendezvousId,
  relayErrors,
  sealedBody,
  type RelayErrorCode,
} from '@palmkey/envelope';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RelayClient } from './relay-client.ts';
import { FakeSockets, type FakeSocket } from './testing/fake-sockets.ts';
import { testDevice } from './testing/test-device.ts';
import { TestTimers } from './testing/test-timers.ts';

const device = testDevice();
const other = testDevice();
const challenge = encodeControlFrame(FrameType.challenge, 0, encodeChallenge(parseConnectNonce(new Uint8Array(32))));
const body = sealedBody(Uint8Array.of(1, 2, 3));
const rendezvous = parseRendezvousId(new Uint8Array(32).fill(7));

function errorFrame(code: RelayErrorCode, number = 0, peer = NOBODY, retryAfterMs = 0): Uint8Array {
  const encoded = encodeRelayError({ code, retryAfterMs });
  return encodeFrame({ type: FrameType.error, lifetimeS: 0, number, peer, coalescingKey: 0, body: encoded });
}

function newClient() {
  const sockets = new FakeSockets();
  const timers = new TestTimers();
  const random = (length: number) => new Uint8Array(length);
  const client = new RelayClient({ relay: 'https://relay.example', device, sockets, timers, random });
  return { client, sockets, timers };
}

async function admit(socket: FakeSocket, timers: TestTimers): Promise<void> {
  const answered = new Promise<void>((resolve) => (socket.onSent = resolve));
  socket.events.onMessage(challenge);
  await answered;
  socket.onSent = undefined;
  const admitted = { deviceId: device.id, maxBodyBytes: 65_536, relayTime: timers.now() - 500 };
  socket.events.onMessage(encodeControlFrame(FrameType.admitted, 0, encodeAdmitted(admitted)));
}

async function connectedClient() {
  const all = newClient();
  all.client.start();
  await admit(all.sockets.last, all.timers);
  expect(all.client.state.is).toBe('connected');
  return { ...all, socket: all.sockets.last };
}

test('a relay that says to come back in weeks is dialled again within a minute', async () => {
  const { client, socket, timers } = await connectedClient();
  socket.events.onMessage(errorFrame('too-many-connections', 0, NOBODY, 0xffff_ffff));
  expect(client.state).toMatchObject({ is: 'waiting', nextTryAt: timers.now() + 60_000 });
});

describe('connecting', () => {
  test('it dials the socket of the origin and tells how far the clocks are apart', async () => {
    const { client, socket } = await connectedClient();
    expect(socket.url).toBe('wss://relay.example/v1/socket');
    expect(client.state).toEqual({ is: 'connected', keepsMail: false, maxBodyBytes: 65_536, aheadOfRelayMs: 500 });
  });

  test('it waits longer after each failure, from 250 ms to 8 s', () => {
    const { client, sockets, timers } = newClient();
    client.start();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      sockets.last.events.onClose(1006, '');
      const { state } = client;
      if (state.is !== 'waiting') throw new Error(state.is);
      waits.push(state.nextTryAt - timers.now());
      expect(state.lastError).toBe('not-connected');
      timers.advance(state.nextTryAt - timers.now());
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(sockets.all).toHaveLength(9);
  });

  test('the wait is as long as the relay asks, and begins anew after a good connection', async () => {
    const { client, timers, socket, sockets } = await connectedClient();
    socket.events.onMessage(errorFrame('too-many-connections', 0, NOBODY, 60_000));
    expect(client.state).toMatchObject({ is: 'waiting', nextTryAt: timers.now() + 60_000 });
    timers.advance(60_000);
    await admit(sockets.last, timers);
    timers.advance(10_000);
    sockets.last.events.onClose(1006, '');
    expect(client.state).toMatchObject({ is: 'waiting', nextTryAt: timers.now() + 250 });
  });

  test('a relay that does not admit within 15 s is given up', () => {
    const { client, timers, sockets } = newClient();
    client.start();
    timers.advance(15_000);
    expect(client.state).toMatchObject({ is: 'waiting', lastError: 'no-answer' });
    expect(sockets.last.closed).toBe(true);
  });

  const closing = Object.entries(relayErrors).filter(([, row]) => row.closes);
  test.each(closing.map(([code, row]) => [code as RelayErrorCode, row.retry] as const))(
    'error %s, retry %s, ends it or has it try again',
    async (code, retry) => {
      const { client, socket } = await connectedClient();
      socket.events.onMessage(errorFrame(code));
      expect(client.state.is).toBe(retry === 'no' ? 'refused' : 'waiting');
      expect(socket.closed).toBe(true);
    },
  );

  test('refused, it tries again only when told to', async () => {
    const { client, sockets, timers } = newClient();
    client.start();
    const waiting = client.connected();
    sockets.last.events.onMessage(errorFrame('not-admitted'));
    await expect(waiting).rejects.toMatchObject({ code: 'not-connected', cause: 'not-admitted' });
    timers.advance(60_000);
    expect(sockets.all).toHaveLength(1);
    client.setGrant(rendezvous);
    client.start();
    const answered = new Promise<void>((resolve) => (sockets.last.onSent = resolve));
    sockets.last.events.onMessage(challenge);
    await answered;
    expect(sockets.last.sent[0]!.subarray(200, 201)).toEqual(Uint8Array.of(32));
  });

  test('reconnectNow does not wait', () => {
    const { client, sockets } = newClient();
    client.start();
    sockets.last.events.onClose(1006, '');
    client.reconnectNow();
    expect([client.state.is, sockets.all.length]).toEqual(['connecting', 2]);
  });

  test('reconnectNow replaces a connection that brings no echo, and keeps one that does', async () => {
    const { client, sockets, timers, socket } = await connectedClient();
    const bodies: unknown[] = [];
    client.onBody((_, b) => bodies.push(b));
    client.reconnectNow();
    const echo = parseFrame(socket.sent.at(-1)!);
    expect([echo.peer, echo.body.length]).toEqual([device.id, 0]);
    socket.events.onMessage(socket.sent.at(-1)!);
    timers.advance(4_000);
    expect(sockets.all).toHaveLength(1);
    client.reconnectNow();
    timers.advance(4_000);
    expect([sockets.all.length, socket.closed, client.state.is]).toEqual([2, true, 'connecting']);
    expect(bodies).toEqual([]);
  });

  test('closed, it stays so and says so', async () => {
    const { client, sockets, socket, timers } = await connectedClient();
    const order = client.openRendezvous(rendezvous);
    client.close();
    await expect(order).rejects.toMatchObject({ code: 'closed' });
    socket.events.onClose(1000, '');
    client.start();
    client.reconnectNow();
    timers.advance(100_000);
    expect([client.state.is, sockets.all.length, timers.nextMs()]).toEqual(['closed', 1, undefined]);
    await expect(client.connected()).rejects.toMatchObject({ code: 'closed' });
    expect(() => client.send(other.id, body)).toThrow(expect.objectContaining({ code: 'not-connected' }));
  });

  test('an admission under another id is none', async () => {
    const { client, sockets } = newClient();
    client.start();
    const answered = new Promise<void>((resolve) => (sockets.last.onSent = resolve));
    sockets.last.events.onMessage(challenge);
    await answered;
    const admitted = encodeAdmitted({ deviceId: other.id, maxBodyBytes: 1, relayTime: 1 });
    sockets.last.events.onMessage(encodeControlFrame(FrameType.admitted, 0, admitted));
    expect(client.state).toMatchObject({ is: 'waiting', lastError: 'not-a-relay' });
  });

  test('whatever comes in before or after the admission, it stays sound', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.boolean(), async (bytes, after) => {
        const { client, sockets, timers } = newClient();
        client.start();
        if (after) await admit(sockets.last, timers);
        sockets.last.events.onMessage(bytes);
        expect(['waiting', 'refused']).toContain(client.state.is);
      }),
      { numRuns: 100 },
    );
  });
});

describe('carrying', () => {
  test('a body goes out under the next number, and what is not delivered is said', async () => {
    const { client, socket } = await connectedClient();
    const undelivered: unknown[] = [];
    client.onUndelivered((to, number, code, retryAfterMs) => undelivered.push([to, number, code, retryAfterMs]));
    expect([client.send(other.id, body, { lifetimeMs: 1500 }), client.send(other.id, body)]).toEqual([1, 2]);
    expect(parseFrame(socket.sent.at(-2)!)).toMatchObject({ type: FrameType.unicast, lifetimeS: 2, number: 1, body });
    socket.events.onMessage(errorFrame('absent', 2, other.id));
    socket.events.onMessage(errorFrame('rate-limited', 1, other.id, 700));
    expect(undelivered).toEqual([
      [other.id, 2, 'absent', 0],
      [other.id, 1, 'rate-limited', 700],
    ]);
    expect(() => client.send(other.id, sealedBody(new Uint8Array(65_537)))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });

  test('a relay of version 1 is told nothing of version 2, and what it sends is no mail', async () => {
    const { client, socket, timers } = await connectedClient();
    client.send(other.id, body, { lifetimeMs: 1_000, coalescingKey: 9 });
    expect(parseFrame(socket.sent.at(-1)!)).toMatchObject({ coalescingKey: 0, durable: false });
    let bodies = 0;
    client.onBody(() => bodies++);
    const common = { type: FrameType.unicast, lifetimeS: 0, number: 4, peer: other.id, body };
    for (const coalescingKey of [5, 5]) socket.events.onMessage(encodeFrame({ ...common, coalescingKey }));
    timers.advance(1_000);
    expect([bodies, socket.sent.length]).toEqual([2, 2]);
  });

  test('a body that comes is handed on with its sender, until nobody listens', async () => {
    const { client, socket } = await connectedClient();
    const bodies: unknown[] = [];
    const stop = client.onBody((from, b) => bodies.push([from, b]));
    const frame = encodeFrame({
      type: FrameType.unicast,
      lifetimeS: 0,
      number: 4,
      peer: other.id,
      coalescingKey: 0,
      body,
    });
    socket.events.onMessage(frame);
    stop();
    socket.events.onMessage(frame);
    expect(bodies).toEqual([[other.id, body]]);
  });

  test('orders end with done, with an error, with the time or with the connection', async () => {
    const { client, socket, timers } = await connectedClient();
    const opened = client.openRendezvous(rendezvous);
    socket.events.onMessage(encodeControlFrame(FrameType.done, 1, new Uint8Array(0)));
    await opened;
    const closed = client.closeRendezvous(rendezvous, null);
    socket.events.onMessage(errorFrame('no-rendezvous', 2));
    await expect(closed).rejects.toMatchObject({ name: 'RelayError', code: 'no-rendezvous', retryable: false });
    const silent = client.forgetDevice(other.id);
    timers.advance(10_000);
    await expect(silent).rejects.toMatchObject({ code: 'no-answer', retryable: true });
    const cut = client.openRendezvous(rendezvous);
    socket.events.onClose(1006, '');
    await expect(cut).rejects.toMatchObject({ code: 'not-connected' });
    await expect(client.openRendezvous(rendezvous)).rejects.toMatchObject({ code: 'not-connected' });
  });
});
