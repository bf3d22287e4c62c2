import { type DeviceId, FrameType, sealedBody } from '@palmkey/envelope';
import { startRelay } from '@palmkey/relay';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { httpLines } from './http-lines.ts';
import { nodeSockets } from './node.ts';
import { systemTimers, type Socket, type SocketEvents, type SocketPort } from './ports.ts';
import { RelayClient } from './relay-client.ts';
import { testDevice } from './testing/test-device.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const lines = httpLines({ fetch, timers: systemTimers, random });
const typeOf = (frame: Uint8Array) => frame[1];

let relay: string;

beforeEach(async () => {
  const logger = pino({ level: 'silent' });
  const options = { host: '127.0.0.1', port: 0, origins: [], admission: 'open', store: ':memory:', logger } as const;
  const started = await startRelay(options);
  onTestFinished(() => started.close());
  relay = started.url;
});

function clientOf(sockets: SocketPort, device = testDevice()) {
  const client = new RelayClient({ relay, device, sockets, timers: systemTimers, random });
  onTestFinished(() => {
    client.close();
  });
  const bodies: number[] = [];
  client.onBody((_, body) => bodies.push(body[0] ?? 0));
  client.start();
  return { client, device, bodies };
}

/** A WebSocket that loses acks, here or on their way there, and is cut where the first was lost; after it, lines. */
function socketThenLine(losesAcks: 'coming' | 'going'): SocketPort {
  let first = true;
  return {
    connect(url: string, events: SocketEvents): Socket {
      if (!first) return lines.connect(url, events);
      first = false;
      const isLost = (frame: Uint8Array, way: string) => way === losesAcks && typeOf(frame) === FrameType.ack;
      const socket = nodeSockets.connect(url, {
        ...events,
        onMessage: (bytes) => {
          if (isLost(bytes, 'coming')) socket.close();
          else events.onMessage(bytes);
        },
      });
      const send = (bytes: Uint8Array): void => {
        if (isLost(bytes, 'going')) socket.close();
        else socket.send(bytes);
      };
      return { ...socket, send };
    },
  };
}

test('mail that came by a WebSocket and comes again by a line is seen once, and is let go of', async () => {
  const [a, b] = [clientOf(nodeSockets), clientOf(socketThenLine('going'))];
  await Promise.all([a.client.connected(), b.client.connected()]);
  const cut = new Promise<void>((resolve) => b.client.onState(({ is }) => is === 'waiting' && resolve()));
  a.client.send(b.device.id, sealedBody(Uint8Array.of(1)), { lifetimeMs: 60_000 });
  await cut;
  await b.client.connected();
  const second = new Promise<void>((resolve) => b.client.onBody(() => resolve()));
  a.client.send(b.device.id, sealedBody(Uint8Array.of(2)), { lifetimeMs: 60_000 });
  await second;
  expect(b.bodies).toEqual([1, 2]);
});

/** Resolves once the relay knows that a device is away. */
async function isAway(sender: RelayClient, device: DeviceId): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    sender.onUndelivered((_to, _number, code) => {
      if (code === 'absent') resolve();
    });
  });
  // Live messages are refused then.
  const probe = setInterval(() => sender.send(device, sealedBody(Uint8Array.of(0))), 20);
  await gone;
  clearInterval(probe);
}

test('a durable message whose ack was lost is sent again by a line, and waits once', async () => {
  const [a, b, c] = [clientOf(socketThenLine('coming')), clientOf(nodeSockets), clientOf(nodeSockets)];
  await Promise.all([a, b, c].map(({ client }) => client.connected()));
  b.client.close();
  await isAway(c.client, b.device.id);
  const settled = new Promise<number>((resolve) => a.client.onSettled((_, number) => resolve(number)));
  const number = a.client.send(b.device.id, sealedBody(Uint8Array.of(1)), { lifetimeMs: 60_000, durable: true });
  expect(await settled).toBe(number);
  expect(a.client.unsettled).toBe(0);
  c.client.send(b.device.id, sealedBody(Uint8Array.of(2)), { lifetimeMs: 60_000 });
  const again = clientOf(lines, b.device);
  await expect.poll(() => again.bodies).toContain(2);
  expect(again.bodies).toEqual([1, 2]);
});

test('mail for a device that is away waits until it comes, by whichever way', async () => {
  const [a, b] = [clientOf(nodeSockets), clientOf(nodeSockets)];
  await Promise.all([a.client.connected(), b.client.connected()]);
  b.client.close();
  await isAway(a.client, b.device.id);
  const stored = new Promise<number>((resolve) => a.client.onStored((_, number) => resolve(number)));
  const number = a.client.send(b.device.id, sealedBody(Uint8Array.of(7)), { lifetimeMs: 60_000 });
  expect(await stored).toBe(number);
  const again = clientOf(lines, b.device);
  await expect.poll(() => again.bodies).toEqual([7]);
});
