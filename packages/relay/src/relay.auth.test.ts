import {
  encodeRendezvousClose,
  FrameType,
  parseAdmitted,
  parseRendezvousId,
  parseSignature,
  toHex,
  toBase64Url,
} from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { describe, expect, test, onTestFinished } from 'vitest';
import { TestClock } from './testing/test-clock.ts';
import { TestDevice, TestSocket } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

async function relayWith(options: Parameters<typeof testRelay>[0] = {}, ...members: TestDevice[]) {
  const relay = await testRelay(options);
  onTestFinished(() => relay.close());
  for (const member of members) await relay.admit(member);
  return relay;
}

const newId = () => parseRendezvousId(new Uint8Array(randomBytes(32)));

describe('authentication', () => {
  test('a known device is admitted and told its own id', async () => {
    const device = new TestDevice();
    const relay = await relayWith({}, device);
    const socket = await device.connect(relay.url);
    const frame = await socket.next();
    expect(frame.type).toBe(FrameType.admitted);
    expect(toHex(parseAdmitted(frame.body).deviceId)).toBe(toHex(device.id));
    expect(relay.connections()).toBe(1);
  });

  test('an unknown device is not admitted, and the connection ends', async () => {
    const relay = await relayWith();
    const socket = await new TestDevice().connect(relay.url);
    expect(codeOf(await socket.next())).toBe('not-admitted');
    expect(await socket.closed).toBe(1008);
    expect(relay.connections()).toBe(0);
  });

  test('an open relay admits any device', async () => {
    const relay = await relayWith({ admission: 'open' });
    await new TestDevice().enter(relay.url);
  });

  test('a changed signature is refused', async () => {
    const device = new TestDevice();
    const relay = await relayWith({}, device);
    const socket = await device.connect(relay.url, { signature: parseSignature(new Uint8Array(64).fill(1)) });
    expect(codeOf(await socket.next())).toBe('bad-signature');
  });

  test('keys of a known device with the signature of another are refused', async () => {
    const device = new TestDevice();
    const relay = await relayWith({}, device);
    const { signingKey, agreementKey } = device;
    const socket = await new TestDevice().connect(relay.url, { signingKey, agreementKey });
    expect(codeOf(await socket.next())).toBe('bad-signature');
  });

  test('another agreement key under the same signing key is refused', async () => {
    const device = new TestDevice();
    const relay = await relayWith({}, device);
    const socket = await device.connect(relay.url, { agreementKey: new TestDevice().agreementKey });
    expect(codeOf(await socket.next())).toBe('bad-signature');
  });

  test('a signature for another origin is refused', async () => {
    const device = new TestDevice();
    const relay = await relayWith({}, device);
    const socket = await device.connect(relay.url, {}, 'https://relay.example.org');
    expect(codeOf(await socket.next())).toBe('wrong-origin');
  });

  test('a signature for another origin that claims this one is refused', async () => {
    const device = new TestDevice();
    const relay = await relayWith({}, device);
    const socket = await device.connect(relay.url, { origin: relay.url }, 'https://relay.example.org');
    expect(codeOf(await socket.next())).toBe('bad-signature');
  });

  test('the answer to another challenge is refused', async () => {
    const device = new TestDevice();
    const relay = await relayWith({}, device);
    const first = await TestSocket.open(relay.url);
    const answer = device.answer(await first.next(), relay.url);
    const second = await TestSocket.open(relay.url);
    await second.next();
    second.control(FrameType.authenticate, 0, answer);
    expect(codeOf(await second.next())).toBe('bad-signature');
  });

  test('no authentication in time ends the connection', async () => {
    const clock = new TestClock();
    const relay = await relayWith({ clock });
    const socket = await TestSocket.open(relay.url);
    await socket.next();
    clock.advance(10_000);
    expect(codeOf(await socket.next())).toBe('timed-out');
    await socket.closed;
  });

  test('a message before the authentication ends the connection', async () => {
    const relay = await relayWith();
    const socket = await TestSocket.open(relay.url);
    await socket.next();
    socket.unicast(new TestDevice().id, 1, new Uint8Array(1));
    expect(codeOf(await socket.next())).toBe('bad-frame');
    await socket.closed;
  });

  test('a second connection of a device replaces the first', async () => {
    const device = new TestDevice();
    const relay = await relayWith({}, device);
    const first = await device.enter(relay.url);
    const second = await device.enter(relay.url);
    expect(codeOf(await first.next())).toBe('replaced');
    await first.closed;
    expect(relay.connections()).toBe(1);
    second.unicast(device.id, 1, Uint8Array.of(9));
    expect((await second.next()).body).toEqual(Uint8Array.of(9));
  });

  test('more connections than the limit are told so', async () => {
    const device = new TestDevice();
    const relay = await relayWith({ maxConnections: 1 }, device);
    await device.enter(relay.url);
    const socket = await TestSocket.open(relay.url);
    await socket.next();
    expect(codeOf(await socket.next())).toBe('too-many-connections');
    await socket.closed;
  });

  test('a connection that misses two pings is dropped at the next', async () => {
    const clock = new TestClock();
    const device = new TestDevice();
    const relay = await relayWith({ clock }, device);
    const dead = await device.enter(relay.url);
    dead.ws.pause();
    clock.advance(60_000);
    expect(relay.connections()).toBe(1);
    clock.advance(30_000);
    await expect.poll(() => relay.connections()).toBe(0);
    dead.ws.resume();
    await dead.closed;
  });

  test('another path is no socket', async () => {
    const relay = await relayWith();
    const { WebSocket } = await import('ws');
    const ws = new WebSocket(`${relay.url.replace('http', 'ws')}/v1/socket/x`);
    const error = await new Promise<Error>((resolve) => ws.on('error', resolve));
    expect(error.message).toContain('404');
  });
});

describe('grants', () => {
  async function hostWithRendezvous() {
    const host = new TestDevice();
    const relay = await relayWith({}, host);
    const socket = await host.enter(relay.url);
    const id = newId();
    socket.control(FrameType.rendezvousOpen, 1, id);
    expect((await socket.next()).type).toBe(FrameType.done);
    return { relay, host, socket, id };
  }

  test('an open rendezvous admits one device, once', async () => {
    const { relay, id } = await hostWithRendezvous();
    const phone = new TestDevice();
    await phone.enter(relay.url, { grant: id });
    const other = await new TestDevice().connect(relay.url, { grant: id });
    expect(codeOf(await other.next())).toBe('not-admitted');
    await phone.enter(relay.url);
  });

  test('a rendezvous that nobody opened admits nobody', async () => {
    const { relay } = await hostWithRendezvous();
    const socket = await new TestDevice().connect(relay.url, { grant: newId() });
    expect(codeOf(await socket.next())).toBe('not-admitted');
  });

  test('closing without keep removes the device and ends its connection', async () => {
    const { relay, socket, id } = await hostWithRendezvous();
    const phone = new TestDevice();
    const phoneSocket = await phone.enter(relay.url, { grant: id });
    socket.control(FrameType.rendezvousClose, 2, encodeRendezvousClose(id, null));
    expect((await socket.next()).number).toBe(2);
    expect(codeOf(await phoneSocket.next())).toBe('removed');
    await phoneSocket.closed;
    expect(codeOf(await (await phone.connect(relay.url, { grant: id })).next())).toBe('not-admitted');
  });

  test('closing with keep keeps the device, until the host forgets it', async () => {
    const { relay, socket, id } = await hostWithRendezvous();
    const phone = new TestDevice();
    await phone.enter(relay.url, { grant: id });
    socket.control(FrameType.rendezvousClose, 2, encodeRendezvousClose(id, phone.id));
    await socket.next();
    const phoneSocket = await phone.enter(relay.url);
    socket.control(FrameType.forgetDevice, 3, phone.id);
    expect((await socket.next()).type).toBe(FrameType.done);
    expect(codeOf(await phoneSocket.next())).toBe('removed');
    expect(codeOf(await (await phone.connect(relay.url)).next())).toBe('not-admitted');
  });

  test('closing with keep for one device removes another that used the grant first', async () => {
    const { relay, socket, id } = await hostWithRendezvous();
    const squatter = new TestDevice();
    const squatterSocket = await squatter.enter(relay.url, { grant: id });
    socket.control(FrameType.rendezvousClose, 2, encodeRendezvousClose(id, new TestDevice().id));
    expect((await socket.next()).type).toBe(FrameType.done);
    expect(codeOf(await squatterSocket.next())).toBe('removed');
    expect(codeOf(await (await squatter.connect(relay.url)).next())).toBe('not-admitted');
  });

  test('a device that another let in cannot be forgotten, one that is unknown can', async () => {
    const { relay, socket } = await hostWithRendezvous();
    const other = new TestDevice();
    await relay.admit(other);
    socket.control(FrameType.forgetDevice, 3, other.id);
    expect(codeOf(await socket.next())).toBe('conflict');
    socket.control(FrameType.forgetDevice, 4, new TestDevice().id);
    expect((await socket.next()).type).toBe(FrameType.done);
    expect(relay.connections()).toBe(1);
  });

  test('a device that forgets itself is removed', async () => {
    const { relay, socket, host } = await hostWithRendezvous();
    socket.control(FrameType.forgetDevice, 3, host.id);
    expect(codeOf(await socket.next())).toBe('removed');
    expect(codeOf(await (await host.connect(relay.url)).next())).toBe('not-admitted');
  });

  test('only the opener closes, an id is open once, and the 17th closes one at which no two have met', async () => {
    const { relay, host, socket, id } = await hostWithRendezvous();
    socket.control(FrameType.rendezvousOpen, 2, id);
    expect(codeOf(await socket.next())).toBe('conflict');
    const phoneSocket = await new TestDevice().enter(relay.url, { grant: id });
    phoneSocket.control(FrameType.rendezvousClose, 9, encodeRendezvousClose(id, host.id));
    const answer = await phoneSocket.next();
    expect([codeOf(answer), answer.number]).toEqual(['no-rendezvous', 9]);
    const others = Array.from({ length: 16 }, newId);
    for (const [i, other] of others.entries()) {
      socket.control(FrameType.rendezvousOpen, 3 + i, other);
      expect((await socket.next()).type).toBe(FrameType.done);
    }
    const close = async (which: typeof id) => {
      socket.control(FrameType.rendezvousClose, 40, encodeRendezvousClose(which, null));
      const closed = await socket.next();
      return closed.type === FrameType.done ? 'closed' : codeOf(closed);
    };
    // Of those that were opened in the same millisecond none is the oldest.
    const newest = others.pop() ?? id;
    const gone = [];
    for (const other of others) if ((await close(other)) !== 'closed') gone.push(other);
    expect(gone).toHaveLength(1);
    // Somebody was let in by the first.
    for (const kept of [newest, id]) expect(await close(kept)).toBe('closed');
  });

  test('a rendezvous that expires takes its admission back', async () => {
    const clock = new TestClock();
    const host = new TestDevice();
    const relay = await relayWith({ clock }, host);
    const socket = await host.enter(relay.url);
    const id = newId();
    socket.control(FrameType.rendezvousOpen, 1, id);
    await socket.next();
    clock.advance(59 * 60_000);
    const phone = new TestDevice();
    const phoneSocket = await phone.enter(relay.url, { grant: id });
    clock.advance(60_000);
    expect(codeOf(await phoneSocket.next())).toBe('removed');
  });

  test('no log line holds a rendezvous id or a whole device id', async () => {
    const { relay, host, id } = await hostWithRendezvous();
    await fetch(`${relay.url}/v1/rendezvous/${toBase64Url(id)}?receiver=AAAAAAAAAAAAAAAAAAAAAA&low=1&poll=0`);
    await fetch(`${relay.url}/v1/rendezvous/${toBase64Url(id)}/x`, { headers: { accept: 'text/html' } });
    const log = relay.log.join('');
    expect(log).toContain('/v1/rendezvous/:id');
    expect(log).toContain(toHex(host.id).slice(0, 8));
    for (const secret of [toBase64Url(id), toHex(id), toHex(host.id)]) expect(log).not.toContain(secret);
  });
});
