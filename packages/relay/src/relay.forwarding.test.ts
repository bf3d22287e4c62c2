import {
  encodeFrame,
  FrameType,
  HEADER_BYTES,
  MAX_BODY_BYTES,
  NOBODY,
  overwriteDelivery,
  overwritePeer,
  toHex,
} from '@palmkey/envelope';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TestClock } from './testing/test-clock.ts';
import { TestDevice, TestSocket } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

async function two(options: Parameters<typeof testRelay>[0] = {}) {
  const relay = await testRelay({ admission: 'open', ...options });
  onTestFinished(() => relay.close());
  const [alice, bob] = [new TestDevice(), new TestDevice()];
  return { relay, alice, bob, a: await alice.enter(relay.url), b: await bob.enter(relay.url) };
}

describe('forwarding', () => {
  test.each([0, 1, 40, 85, 86, 1000, 65_495, 65_496, MAX_BODY_BYTES])(
    'a body of %d bytes arrives byte for byte',
    async (n) => {
      const { alice, bob, a, b } = await two();
      const sent = a.unicast(bob.id, 2 ** 53 - 1, new Uint8Array(randomBytes(n)));
      overwritePeer(sent, alice.id);
      overwriteDelivery(sent, 0);
      expect(toHex(await b.nextBytes())).toBe(toHex(sent));
    },
  );

  test('many frames in one turn arrive whole and in order', async () => {
    const { bob, a, b } = await two();
    const bodies = Array.from({ length: 500 }, (_, i) => new Uint8Array(randomBytes(i % 300)));
    bodies.forEach((body, i) => a.unicast(bob.id, i, body));
    for (const [i, body] of bodies.entries()) {
      const frame = await b.next();
      expect([frame.number, toHex(frame.body)]).toEqual([i, toHex(body)]);
    }
  });

  test('a device that is not connected is absent', async () => {
    const { bob, a, b } = await two();
    b.ws.close();
    await b.closed;
    const stranger = new TestDevice();
    for (const [number, id] of [bob.id, stranger.id].entries()) {
      a.unicast(id, number, new Uint8Array(3));
      const answer = await a.next();
      expect([codeOf(answer), answer.number, toHex(answer.peer)]).toEqual(['absent', number, toHex(id)]);
    }
  });

  test('2,000 frames at once and 200 a second are the limit of a device, also over a new connection', async () => {
    const clock = new TestClock();
    const { relay, alice, bob, a, b } = await two({ clock });
    for (let i = 0; i < 2001; i++) a.unicast(bob.id, i, new Uint8Array(0));
    const refused = await a.next();
    expect([codeOf(refused), refused.number]).toEqual(['rate-limited', 2000]);
    for (let i = 0; i < 2000; i++) expect((await b.next()).number).toBe(i);
    const again = await alice.enter(relay.url);
    again.unicast(bob.id, 1, new Uint8Array(0));
    expect(codeOf(await again.next())).toBe('rate-limited');
    clock.advance(5);
    again.unicast(bob.id, 7, new Uint8Array(0));
    expect((await b.next()).number).toBe(7);
  });

  test('a reader that does not read is cut off at 4 MiB, and the sender hears absent', async () => {
    const { relay, bob, a, b } = await two();
    b.ws.pause();
    let sent = 0;
    const answered = a.next();
    let answer: Awaited<typeof answered> | undefined;
    void answered.then((frame) => (answer = frame));
    while (!answer && sent < 1900) {
      a.unicast(bob.id, sent++, new Uint8Array(MAX_BODY_BYTES));
      if (sent % 16 === 0) await new Promise((resolve) => a.ws.ping(undefined, undefined, resolve));
    }
    expect(codeOf(await answered)).toBe('absent');
    expect(relay.connections()).toBe(1);
    b.ws.resume();
    await b.closed;
  });
});

describe('what is not a frame', () => {
  const cases: Record<string, (frame: Uint8Array) => Uint8Array> = {
    'another version': (f) => f.fill(2, 0, 1),
    'a reserved type': (f) => f.fill(19, 1, 2),
    'an unknown type': (f) => f.fill(99, 1, 2),
    'a type that only the relay sends': (f) => f.fill(FrameType.admitted, 1, 2),
    'a second authentication': (f) => f.fill(FrameType.authenticate, 1, 2),
    'a flag': (f) => f.fill(1, 3, 4),
    'a number of 2^53': (f) => f.fill(0x20, 9, 10),
    'a coalescing key of 2^53': (f) => f.fill(0x20, 33, 34),
    'a header cut short': (f) => f.subarray(0, HEADER_BYTES - 1),
    'a rendezvous id cut short': (f) => f.fill(FrameType.rendezvousOpen, 1, 2),
    nothing: () => new Uint8Array(0),
  };
  test.each(Object.keys(cases))('%s ends the connection', async (name) => {
    const { bob, a } = await two();
    const frame = encodeFrame({
      type: FrameType.unicast,
      lifetimeS: 0,
      number: 1,
      peer: bob.id,
      coalescingKey: 0,
      body: new Uint8Array(31),
    });
    a.ws.send(cases[name]!(frame));
    expect(codeOf(await a.next())).toBe(name === 'another version' ? 'unsupported-version' : 'bad-frame');
    expect(await a.closed).toBe(1008);
  });

  test('a frame too large ends the connection with 1009', async () => {
    const { a } = await two();
    a.ws.send(new Uint8Array(HEADER_BYTES + MAX_BODY_BYTES + 1).fill(1, 0, 2));
    expect(await a.closed).toBe(1009);
  });

  test('text ends the connection', async () => {
    const { a } = await two();
    a.ws.send('hello');
    expect(codeOf(await a.next())).toBe('bad-frame');
  });

  test('any bytes leave the relay running', async () => {
    const { relay, alice, bob, b } = await two();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 120 }), fc.boolean(), async (bytes, authenticated) => {
        const socket = authenticated ? await alice.enter(relay.url) : await TestSocket.open(relay.url);
        socket.ws.send(bytes);
        socket.ws.close();
        await socket.closed;
      }),
      { numRuns: 60 },
    );
    const a = await alice.enter(relay.url);
    a.unicast(bob.id, 1, Uint8Array.of(1));
    expect((await b.next()).number).toBe(1);
  });
});

test('drain tells every device and lets what was sent arrive', async () => {
  const { relay, bob, a, b } = await two();
  const waiting = await TestSocket.open(relay.url);
  await waiting.next();
  for (let i = 0; i < 50; i++) a.unicast(bob.id, i, new Uint8Array(5000));
  await b.next();
  await relay.close();
  const rest: string[] = [];
  for (let frame = await b.next(); frame.type !== FrameType.error; frame = await b.next()) rest.push(toHex(frame.peer));
  expect(codeOf(await waiting.next())).toBe('draining');
  expect(await b.closed).toBe(1001);
  await expect(fetch(`${relay.url}/health`)).rejects.toThrow();
  expect(rest).not.toContain(toHex(NOBODY));
});
