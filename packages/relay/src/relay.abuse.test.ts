import { FrameType, parseRendezvousId } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defaultRates } from './limits.ts';
import { TestDevice, TestSocket } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

async function relayFor(options: Parameters<typeof testRelay>[0] = {}) {
  const relay = await testRelay(options);
  onTestFinished(() => relay.close());
  return relay;
}

/** Upgrades by hand, so that what comes can be left unread. */
async function rawSocket(port: number) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET /v1/socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await once(socket, 'readable');
  return socket;
}

/** A masked ping with 125 bytes (RFC 6455 §5.5.2). */
const PING = Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125)]);

describe('a stranger', () => {
  test('who pings without reading the pongs is cut off', async () => {
    const relay = await relayFor();
    const socket = await rawSocket(relay.port);
    const pings = Buffer.concat(Array.from({ length: 8_000 }, () => PING));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // 128 MiB at most: far more than any buffer between the two holds.
    for (let i = 0; i < 128 && !socket.destroyed; i++) {
      if (!socket.write(pings)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    }
    socket.resume();
    await closed;
  }, 20_000);

  test('is still answered an honest ping', async () => {
    const relay = await relayFor();
    const socket = await TestSocket.open(relay.url);
    socket.ws.ping('there?');
    const [data] = (await once(socket.ws, 'pong')) as [Buffer];
    expect(data.toString()).toBe('there?');
  });

  test('whose upgrade is refused cannot keep the socket open', async () => {
    const relay = await relayFor();
    const socket = connect({ port: relay.port, host: '127.0.0.1', allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    await once(socket, 'end');
    expect(answer).toMatch(/^HTTP\/1.1 404/);
    // This side stays open; the relay's does not, so what is sent now meets a reset.
    const reset = new Promise((resolve) => socket.once('close', resolve));
    const more = setInterval(() => socket.write('x'), 5);
    onTestFinished(() => clearInterval(more));
    await reset;
  });
});

describe('X-Forwarded-For', () => {
  test('is believed as far as the one proxy in front wrote it: what a client put there fills no fresh bucket', async () => {
    const relay = await relayFor({ trustProxy: true });
    const device = new TestDevice();
    await relay.admit(device);
    const socket = await device.enter(relay.url);
    const id = parseRendezvousId(new Uint8Array(32).fill(1));
    socket.control(FrameType.rendezvousOpen, 1, id);
    await socket.next();
    const url = `${relay.url}/v1/rendezvous/${Buffer.from(id).toString('base64url')}`;
    const post = async (n: number) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': `10.0.0.${n}, 192.0.2.1` };
      return (await fetch(url, { method: 'POST', headers, body: '{}' })).status;
    };
    const statuses = [];
    for (let n = 0; n <= defaultRates.postsPerMinute; n++) statuses.push(await post(n));
    expect([statuses[0], statuses.at(-1)]).toEqual([400, 429]);
  });

  test('of one IPv6 network is one address', async () => {
    const relay = await relayFor({ trustProxy: true });
    const url = `${relay.url}/v1/rendezvous/${Buffer.alloc(32).toString('base64url')}`;
    const post = async (n: number) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': `2001:db8:1:2:${n.toString(16)}::1` };
      return (await fetch(url, { method: 'POST', headers, body: '{}' })).status;
    };
    let last = 0;
    for (let n = 0; n <= defaultRates.postsPerMinute; n++) last = await post(n);
    expect(last).toBe(429);
  });
});

describe('posts', () => {
  test.each([1, 3])('of one address are as many in a minute as the operator lets: %d', async (postsPerMinute) => {
    const relay = await relayFor({ rates: { postsPerMinute } });
    const url = `${relay.url}/v1/rendezvous/${Buffer.alloc(32).toString('base64url')}`;
    const headers = { 'content-type': 'application/json' };
    const post = async () => (await fetch(url, { method: 'POST', headers, body: '{}' })).status;
    for (let n = 0; n < postsPerMinute; n++) expect(await post()).toBe(400);
    expect(await post()).toBe(429);
  });
});

describe('the log', () => {
  test('grows by nothing for a stranger: only by debug lines', async () => {
    const relay = await relayFor();
    const before = infoLines(relay.log);
    const socket = await new TestDevice().connect(relay.url);
    expect(codeOf(await socket.next())).toBe('not-admitted');
    await socket.closed;
    expect(infoLines(relay.log)).toBe(before);
  });
});

function infoLines(log: readonly string[]): number {
  return log.filter((line) => (JSON.parse(line) as { level: number }).level >= 30).length;
}
