import { sealedBody, toHex } from '@palmkey/envelope';
import { startRelay } from '@palmkey/relay';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { httpLines, type LineFetch } from './http-lines.ts';
import { nodeSockets } from './node.ts';
import { systemTimers, type SocketPort, type Timers } from './ports.ts';
import { RelayClient } from './relay-client.ts';
import { testDevice } from './testing/test-device.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));

async function newRelay(port = 0) {
  const logger = pino({ level: 'silent' });
  const store = ':memory:';
  const relay = await startRelay({ host: '127.0.0.1', port, origins: [], admission: 'open', store, logger });
  onTestFinished(() => relay.close());
  return relay;
}

function clientOf(relay: string, sockets: SocketPort, device = testDevice()) {
  const client = new RelayClient({ relay, device, sockets, timers: systemTimers, random });
  onTestFinished(() => {
    client.close();
  });
  client.start();
  return { client, device };
}

const linesBy = (how: LineFetch, timers = systemTimers) => httpLines({ fetch: how, timers, random });

/** A line pauses for at most 8 s, and waits for the relay for more: pauses are a fiftieth here. */
const hasty: Timers = { ...systemTimers, after: (ms, run) => systemTimers.after(ms <= 8_000 ? ms / 50 : ms, run) };

/** A network that loses requests on their way there or back, one in three, by turns. */
function lossyFetch(): LineFetch {
  let count = 0;
  return async (url, init) => {
    count++;
    if (count % 3 === 1) throw new TypeError('lost on the way there');
    const response = await fetch(url, init);
    if (count % 3 === 2) return response;
    await response.arrayBuffer();
    throw new TypeError('lost on the way back');
  };
}

test('bodies cross between a line and a WebSocket', async () => {
  const { url } = await newRelay();
  const [a, b] = [clientOf(url, linesBy(fetch)), clientOf(url, nodeSockets)];
  await Promise.all([a.client.connected(), b.client.connected()]);
  const heard = new Promise((resolve) => b.client.onBody((from, body) => resolve([toHex(from), body.length])));
  a.client.send(b.device.id, sealedBody(random(60_000)));
  expect(await heard).toEqual([toHex(a.device.id), 60_000]);
  const back = new Promise((resolve) => a.client.onBody((from, body) => resolve([toHex(from), body.length])));
  b.client.send(a.device.id, sealedBody(random(60_000)));
  expect(await back).toEqual([toHex(b.device.id), 60_000]);
});

test('what is lost of its requests costs no message and doubles none', async () => {
  const { url } = await newRelay();
  const b = clientOf(url, nodeSockets);
  await b.client.connected();
  // A line whose beginning is lost is no line: the client begins another.
  const a = clientOf(url, linesBy(lossyFetch()));
  await a.client.connected();
  const heard: number[] = [];
  const all = new Promise<void>((resolve) => {
    b.client.onBody((_, body) => {
      heard.push(body[0] ?? 0);
      b.client.send(a.device.id, body);
    });
    const back: number[] = [];
    a.client.onBody((_, body) => {
      back.push(body[0] ?? 0);
      if (back.length === 30) resolve();
    });
    onTestFinished(() => {
      expect(back).toEqual(heard);
    });
  });
  for (let i = 0; i < 30; i++) a.client.send(b.device.id, sealedBody(Uint8Array.of(i)));
  await all;
  expect(heard).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

test.each([true, false])(
  'a line to a relay that is started again is taken up anew; it said so: %s',
  async (isHeard) => {
    const relay = await newRelay();
    const { client } = clientOf(relay.url, linesBy(fetch, hasty));
    await client.connected();
    // A fetch that is there is told; one that is on its way finds nobody.
    if (isHeard) await (await fetch(`${relay.url}/health`)).json();
    const away = new Promise<void>((resolve) => {
      client.onState((state) => {
        if (state.is === 'waiting') resolve();
      });
    });
    await relay.close();
    await away;
    await newRelay(relay.port);
    await client.connected();
  },
);

test('a client that closes is gone from the relay at once, and what it sent before has arrived', async () => {
  const relay = await newRelay();
  const [a, b] = [clientOf(relay.url, linesBy(fetch)), clientOf(relay.url, nodeSockets)];
  await Promise.all([a.client.connected(), b.client.connected()]);
  const heard = new Promise<void>((resolve) => b.client.onBody(() => resolve()));
  a.client.send(b.device.id, sealedBody(random(10)));
  a.client.close();
  await heard;
  await expect.poll(() => relay.connections()).toBe(1);
});

test('what stands there is no relay: the try ends', async () => {
  const answers = [
    () => new Response('<html>', { status: 200 }),
    () => new Response('{"line": "short"}', { status: 201 }),
    () => new Response('x'.repeat(5_000), { status: 201 }),
  ];
  for (const answer of answers) {
    const closed = new Promise<number>((resolve) => {
      const events = { onOpen: () => resolve(-1), onMessage: () => resolve(-2), onClose: resolve };
      linesBy(() => Promise.resolve(answer())).connect('wss://relay.example/v1/socket', events);
    });
    expect(await closed).toBe(1006);
  }
});

test('an answer from another place in the line is not taken', async () => {
  const token = 'A'.repeat(43);
  const messages: Uint8Array[] = [];
  let fetches = 0;
  const how: LineFetch = (_, { method }) => {
    if (method === 'POST') return Promise.resolve(new Response(JSON.stringify({ line: token }), { status: 201 }));
    if (++fetches > 2) return Promise.resolve(new Response(null, { status: 404 }));
    const headers = { 'palmkey-from': fetches === 1 ? '7' : '1' };
    const frame = new Uint8Array(44).fill(1).fill(0, 0, 3).fill(40, 3, 4);
    return Promise.resolve(new Response(frame, { status: 200, headers }));
  };
  const closed = new Promise<number>((resolve) => {
    const events = { onOpen: () => undefined, onMessage: (m: Uint8Array) => messages.push(m), onClose: resolve };
    linesBy(how).connect('wss://relay.example/v1/socket', events);
  });
  expect([await closed, messages.length]).toEqual([1006, 1]);
});
