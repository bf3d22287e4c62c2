import { FrameType, parseGrant, toHex, type Frame } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limits } from './limits.ts';
import { TestClock } from './testing/test-clock.ts';
import { TestDevice, type TestSocket } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

const nothing = new Uint8Array(0);

/** A relay and two known devices, of which the first reads its mail. */
async function two(options: Parameters<typeof testRelay>[0] = {}) {
  const relay = await testRelay(options);
  onTestFinished(() => relay.close());
  const [alice, bob] = [new TestDevice(), new TestDevice()];
  await relay.admit(alice);
  await relay.admit(bob);
  return { relay, alice, bob, a: await alice.read(relay.url) };
}

/** Three devices of one account: the first has let the others in. */
async function family(options: Parameters<typeof testRelay>[0] = {}) {
  const relay = await testRelay(options);
  onTestFinished(() => relay.close());
  const [phone, host, laptop] = [new TestDevice(), new TestDevice(), new TestDevice()];
  await relay.admit(phone);
  const opener = await phone.enter(relay.url);
  for (const [number, joining] of [host, laptop].entries()) {
    const grant = parseGrant(new Uint8Array(randomBytes(32)));
    opener.control(FrameType.rendezvousOpen, number, grant);
    await opener.next();
    const socket = await joining.enter(relay.url, { grant });
    socket.ws.close();
    await socket.closed;
  }
  opener.ws.close();
  await opener.closed;
  return { relay, phone, host, laptop };
}

/** What a frame is, in short. */
function brief(frame: Frame): string {
  if (frame.type === FrameType.error) return `${codeOf(frame)} ${frame.number}`;
  const name = Object.entries(FrameType).find(([, type]) => type === frame.type)?.[0] ?? '?';
  return `${name} ${frame.number}`;
}

async function briefly(socket: TestSocket, count: number): Promise<string[]> {
  const frames = [];
  for (let i = 0; i < count; i++) frames.push(brief(await socket.next()));
  return frames;
}

describe('mail', () => {
  test.each([
    ['messages', { mailboxMessages: 2 }, 1],
    ['bytes', { mailboxBytes: 128 * 1024 }, 60_000],
  ])('of a mailbox that the operator made small waits as much as that in %s', async (_, mail, size) => {
    const { bob, a } = await two({ mail });
    for (const number of [1, 2, 3]) a.mail(bob.id, number, new Uint8Array(size));
    const told: string[] = [];
    while (told.at(-1) !== 'mailbox-full 3' && told.length < 6) told.push(...(await briefly(a, 1)));
    // Acks come between as the clock has it.
    expect(told.filter((word) => !word.startsWith('ack'))).toEqual(['stored 1', 'stored 2', 'mailbox-full 3']);
  });

  test.each([false, true])('to a device that reads is delivered with a number, and acked (durable: %s)', async (d) => {
    const { relay, alice, bob, a } = await two();
    const b = await bob.read(relay.url);
    a.mail(bob.id, 7, Uint8Array.of(1, 2), { durable: d, coalescingKey: d ? 0 : 9 });
    const frame = await b.next();
    expect([brief(frame), toHex(frame.peer), toHex(frame.body)]).toEqual(['unicast 7', toHex(alice.id), '0102']);
    expect(frame.coalescingKey).toBeGreaterThan(0);
    expect(await briefly(a, 1)).toEqual(['ack 1']);
  });

  test('to a device that is away is stored, and waits for it to resume', async () => {
    const { relay, bob, a } = await two();
    a.mail(bob.id, 5, nothing);
    expect(await briefly(a, 2)).toEqual(['stored 5', 'ack 1']);
    const b = await bob.read(relay.url);
    expect(await briefly(b, 1)).toEqual(['unicast 5']);
  });

  test('that is acked does not come again, and what is not acked does', async () => {
    const { relay, bob, a } = await two();
    for (let number = 1; number <= 4; number++) a.mail(bob.id, number, nothing);
    const b = await bob.read(relay.url);
    const frames = [await b.next(), await b.next(), await b.next(), await b.next()];
    const { epoch } = b;
    b.ack(frames[1]!.coalescingKey);
    b.ws.close();
    await b.closed;
    const again = await bob.read(relay.url, { epoch, cursor: 0 });
    expect(await briefly(again, 2)).toEqual(['unicast 3', 'unicast 4']);
    again.ws.close();
    await again.closed;
    const resumed = await bob.read(relay.url, { epoch, cursor: frames[2]!.coalescingKey });
    expect(await briefly(resumed, 1)).toEqual(['unicast 4']);
    resumed.ws.close();
    await resumed.closed;
    const elsewhen = await bob.read(relay.url, { epoch: epoch + 1, cursor: Number.MAX_SAFE_INTEGER });
    expect(await briefly(elsewhen, 1)).toEqual(['unicast 4']);
  });

  test('to a device that is not known is absent, and counts as settled', async () => {
    const { bob, a } = await two();
    a.mail(new TestDevice().id, 1, nothing);
    expect(await briefly(a, 2)).toEqual(['absent 1', 'ack 1']);
    a.mail(bob.id, 2, nothing);
    expect(await briefly(a, 2)).toEqual(['stored 2', 'ack 2']);
  });

  test('beyond 1,000 for one device is refused as mailbox-full', async () => {
    const { bob, a } = await two();
    for (let number = 1; number <= 1001; number++) a.mail(bob.id, number, nothing);
    let refused = 0;
    for (let frame = await a.next(); ; frame = await a.next()) {
      if (frame.type === FrameType.error) refused = frame.number;
      if (frame.type === FrameType.error) expect(codeOf(frame)).toBe('mailbox-full');
      if (frame.type === FrameType.ack && frame.number === 1001) break;
    }
    expect(refused).toBe(1001);
  });

  test('beyond the memory of all is refused as mailbox-full', async () => {
    const { bob, a } = await two({ mail: { totalBytes: 2_000 } });
    for (let number = 1; number <= 3; number++) a.mail(bob.id, number, new Uint8Array(300));
    const frames = await briefly(a, 4);
    expect(frames.filter((text) => !text.startsWith('ack'))).toEqual(['stored 1', 'stored 2', 'mailbox-full 3']);
  });

  test('that nobody fetches in its lifetime is expired, and its sender hears so', async () => {
    const clock = new TestClock();
    const { relay, bob, a } = await two({ clock, mail: { lifetimeS: 5 } });
    a.mail(bob.id, 3, nothing, { lifetimeS: 2 });
    a.mail(bob.id, 4, nothing, { lifetimeS: 4_000 });
    expect(await briefly(a, 2)).toEqual(['stored 3', 'stored 4']);
    clock.advance(limits.ackEveryMs);
    expect(await briefly(a, 1)).toEqual(['ack 2']);
    clock.advance(3_000);
    expect(await briefly(a, 1)).toEqual(['expired 3']);
    // The relay keeps nothing for longer than it was told.
    clock.advance(3_000);
    expect(await briefly(a, 1)).toEqual(['expired 4']);
    const b = await bob.read(relay.url);
    a.mail(bob.id, 5, nothing);
    expect(await briefly(b, 1)).toEqual(['unicast 5']);
  });

  test.each([-86_400_000, 86_400_000])('is kept as long when the wall clock is set by %d ms', async (byMs) => {
    const clock = new TestClock();
    const { bob, a } = await two({ clock });
    a.mail(bob.id, 1, nothing, { lifetimeS: 10 });
    expect(await briefly(a, 1)).toEqual(['stored 1']);
    clock.advance(limits.ackEveryMs);
    expect(await briefly(a, 1)).toEqual(['ack 1']);
    clock.set(byMs);
    clock.advance(8_000);
    a.mail(bob.id, 2, nothing, { lifetimeS: 10 });
    expect(await briefly(a, 1)).toEqual(['stored 2']);
    clock.advance(limits.ackEveryMs);
    expect(await briefly(a, 1)).toEqual(['ack 2']);
    clock.advance(3_000);
    expect(await briefly(a, 1)).toEqual(['expired 1']);
  });

  test('with a coalescing key replaces what has not been sent yet', async () => {
    const { relay, bob, a } = await two();
    for (let number = 1; number <= 3; number++) a.mail(bob.id, number, nothing, { coalescingKey: 8 });
    a.mail(bob.id, 4, nothing, { coalescingKey: 9 });
    for (let frame = await a.next(); !(frame.type === FrameType.ack && frame.number === 4); frame = await a.next());
    const b = await bob.read(relay.url);
    expect(await briefly(b, 2)).toEqual(['unicast 3', 'unicast 4']);
  });

  test('that is durable and sent twice is taken once', async () => {
    const { relay, bob, a } = await two();
    a.mail(bob.id, 1, nothing, { durable: true });
    a.mail(bob.id, 1, nothing, { durable: true });
    for (let frame = await a.next(); !(frame.type === FrameType.ack && frame.number === 2); frame = await a.next());
    a.mail(bob.id, 2, nothing);
    const b = await bob.read(relay.url);
    expect(await briefly(b, 2)).toEqual(['unicast 1', 'unicast 2']);
  });

  test('waits while 1,024 are on their way unacked', async () => {
    const { relay, bob, a } = await two();
    const b = await bob.read(relay.url);
    for (let number = 1; number <= 1_026; number++) a.mail(bob.id, number, nothing);
    let last = 0;
    for (let n = 1; n <= 1_024; n++) last = (await b.next()).coalescingKey;
    for (let frame = await a.next(); !(frame.type === FrameType.ack && frame.number === 1_026); frame = await a.next());
    // A live message overtakes what is held back.
    a.mail(bob.id, 9_999, nothing, { lifetimeS: 0 });
    expect(await briefly(b, 1)).toEqual(['unicast 9999']);
    b.ack(last);
    expect(await briefly(b, 2)).toEqual(['unicast 1025', 'unicast 1026']);
  });

  test('is live where the relay keeps none', async () => {
    const { relay, bob, a } = await two({ mail: { lifetimeS: 0 } });
    a.mail(bob.id, 1, nothing);
    expect(await briefly(a, 2)).toEqual(['absent 1', 'ack 1']);
    const b = await bob.read(relay.url);
    a.mail(bob.id, 2, nothing);
    expect((await b.next()).coalescingKey).toBe(0);
  });

  test('a second resume of a connection is a bad frame', async () => {
    const { relay, bob } = await two();
    const b = await bob.read(relay.url);
    b.control(FrameType.resume, 0, new Uint8Array(16));
    expect(await briefly(b, 1)).toEqual(['bad-frame 0']);
  });
});

describe('an account', () => {
  test('is limited as a whole, and mail that is refused for it counts as settled', async () => {
    const clock = new TestClock();
    const { relay, phone, host } = await family({ clock, rates: { burstFramesOfAccount: 12 } });
    clock.advance(60_000);
    const p = await phone.read(relay.url);
    const h = await host.read(relay.url);
    // Two of the twelve were for resuming.
    for (let number = 1; number <= 9; number++) p.mail(phone.id, number, nothing);
    for (let n = 0; n < 9;) if ((await p.next()).type === FrameType.unicast) n++;
    h.mail(phone.id, 1, nothing);
    h.mail(phone.id, 2, nothing);
    // A presence and the refusal.
    expect(await briefly(h, 2)).toContain('rate-limited 2');
    clock.advance(limits.ackEveryMs);
    expect(await briefly(h, 1)).toEqual(['ack 2']);
  });

  test('hears who of it is connected, comes and goes', async () => {
    const { relay, phone, host } = await family();
    const p = await phone.read(relay.url);
    const h = await host.read(relay.url);
    const here = await h.next();
    expect([brief(here), toHex(here.peer)]).toEqual(['presence 1', toHex(phone.id)]);
    const came = await p.next();
    expect([brief(came), toHex(came.peer)]).toEqual(['presence 1', toHex(host.id)]);
    h.ws.close();
    const gone = await p.next();
    expect([brief(gone), toHex(gone.peer)]).toEqual(['presence 0', toHex(host.id)]);
  });

  test('gets a broadcast: live where connected, mail also later', async () => {
    const { relay, phone, host, laptop } = await family();
    const p = await phone.read(relay.url);
    const h = await host.read(relay.url);
    await h.next();
    await p.next();
    p.mail(phone.id, 1, nothing, { type: FrameType.broadcast, lifetimeS: 0 });
    expect(await briefly(h, 1)).toEqual(['broadcast 1']);
    p.mail(phone.id, 2, nothing, { type: FrameType.broadcast });
    expect(await briefly(p, 1)).toEqual(['ack 1']);
    expect(await briefly(h, 1)).toEqual(['broadcast 2']);
    const l = await laptop.read(relay.url);
    expect((await briefly(l, 3)).filter((text) => !text.startsWith('presence'))).toEqual(['broadcast 2']);
  });

  test('that loses a device broadcasts to it no more, and its mail is gone', async () => {
    const { relay, phone, host } = await family();
    const p = await phone.read(relay.url);
    p.mail(host.id, 1, nothing);
    expect(await briefly(p, 2)).toEqual(['stored 1', 'ack 1']);
    p.control(FrameType.forgetDevice, 2, host.id);
    expect(await briefly(p, 1)).toEqual(['done 2']);
    p.mail(host.id, 3, nothing);
    expect(await briefly(p, 2)).toEqual(['absent 3', 'ack 2']);
  });
});
