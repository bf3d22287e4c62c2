import { concat, parseDeviceId, parseRendezvousId, parseRendezvousSender, toHex } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoxKey } from '../crypto/index.ts';
import { FakeRouter, type RouterFault, type RouterHabits, senderOf } from '../testing/fake-router.ts';
import { fixedBytes, fixedRandom } from '../testing/fixed-keys.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Connection, MAX_QUEUED_BYTES } from './connection.ts';
import { MAX_PAYLOAD_BYTES, sealPacket } from './packet.ts';
import type { KexDeps, RoutedMessage } from './ports.ts';
import type { KexSession, SessionId } from './session.ts';

const NOW = new AbortController().signal;
const WAIT_MS = 12_000;
const key = fixedBytes('packet key') as Uint8Array as BoxKey;
const id = fixedBytes('session') as Uint8Array as SessionId;
const rendezvous = parseRendezvousId(id.slice());
const device = (byte: number) => parseDeviceId(new Uint8Array(16).fill(byte));
const session = (self: number): KexSession => ({
  id,
  rendezvous,
  self: device(self),
  peer: null,
  writeKey: key,
  readKey: key,
  passedOver: new Set(),
});
const text = (value: string) => new TextEncoder().encode(value);
const randomBytes = fixedRandom('nonces');

function pair(habits: RouterHabits = { hurries: true }) {
  const clock = new ManualClock();
  const router = new FakeRouter(clock, habits);
  const deps: KexDeps = { router, clock, randomBytes };
  return { clock, router, deps, x: new Connection(deps, session(1)), y: new Connection(deps, session(2)) };
}
/** A packet as anybody with the key could make it, as its own sender posts it. */
const packet = (by: number, seqno: number, payload: Uint8Array, over: Partial<KexSession> = {}): RoutedMessage => ({
  sender: senderOf(by),
  seqno,
  message: sealPacket(
    over.writeKey ?? key,
    { sender: device(by), session: over.id ?? id, seqno },
    randomBytes(24),
    payload,
  ),
});
async function readAll(connection: Connection): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const read = await connection.read(5_000, WAIT_MS);
    if (read.is !== 'data') return concat(...parts);
    parts.push(read.bytes);
  }
}
const fails = (work: Promise<unknown>, code: string) => expect(work).rejects.toMatchObject({ name: 'KexError', code });

describe('Connection', () => {
  it('carries bytes both ways, and gives what is queued as far as it fits', async () => {
    const { x, y } = pair();
    await x.write(text('hello '), WAIT_MS);
    await x.write(text('there'), WAIT_MS);
    await y.write(text('hi'), WAIT_MS);
    expect(await y.read(8, WAIT_MS)).toEqual({ is: 'data', bytes: text('hello th') });
    expect(await y.read(8, WAIT_MS)).toEqual({ is: 'data', bytes: text('ere') });
    expect(await x.read(100, WAIT_MS)).toEqual({ is: 'data', bytes: text('hi') });
    expect([toHex(x.peer!), toHex(y.peer!)]).toEqual([toHex(device(2)), toHex(device(1))]);
  });

  it('gives the end only when nothing else was read, and then always', async () => {
    const { x, y } = pair();
    await x.write(text('last'), WAIT_MS);
    await x.close(WAIT_MS);
    expect(await y.read(2, WAIT_MS)).toEqual({ is: 'data', bytes: text('la') });
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('st') });
    for (const waitMs of [WAIT_MS, null, WAIT_MS]) expect(await y.read(9, waitMs)).toEqual({ is: 'end' });
    await y.write(text('still'), WAIT_MS);
    expect(await x.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('still') });
  });

  it('posts nothing for nothing written', async () => {
    const { x, router } = pair();
    await x.write(new Uint8Array(0), WAIT_MS);
    expect(router.posted).toEqual([]);
  });

  it('refuses to write after closing, and closes once', async () => {
    const { x, router } = pair();
    await x.close(WAIT_MS);
    await x.close(WAIT_MS);
    await fails(x.write(text('a'), WAIT_MS), 'closed');
    expect(router.posted).toHaveLength(1);
  });

  it('says nothing yet without waiting, having asked once and not for long', async () => {
    const { y, router } = pair();
    expect(await y.read(9, null)).toEqual({ is: 'nothing' });
    expect(router.polls).toEqual([0]);
  });

  it('says nothing yet when the relay holds back its answer to who does not wait', async () => {
    const clock = new ManualClock();
    const router = new FakeRouter(clock);
    router.get = () => new Promise(() => undefined);
    const y = new Connection({ router, clock, randomBytes }, session(2));
    const read = y.read(9, null);
    await clock.timer(5_000);
    clock.advance(5_000);
    expect(await read).toEqual({ is: 'nothing' });
  });

  it('times out at the deadline, in polls of at most 5 s, and can be read again', async () => {
    const { x, y, router } = pair();
    await fails(y.read(9, 12_000), 'timed-out');
    expect(router.polls).toEqual([5_000, 5_000, 2_000]);
    await x.write(text('late'), WAIT_MS);
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('late') });
  });

  it('pauses between polls that a relay answers before their time', async () => {
    const clock = new ManualClock();
    let gets = 0;
    const router = new FakeRouter(clock);
    router.get = () => Promise.resolve([]).finally(() => (gets += 1));
    const y = new Connection({ router, clock, randomBytes }, session(2));
    const read = y.read(9, 600);
    for (let pauses = 0; pauses < 2; pauses++) {
      await clock.timer(250);
      expect(gets).toBe(pauses + 1);
      clock.advance(250);
    }
    await clock.timer(100);
    clock.advance(100);
    await fails(read, 'timed-out');
    expect(clock.timers).toBe(0);
  });

  it('reads what comes while it waits', async () => {
    const { x, y } = pair({});
    const read = y.read(9, WAIT_MS);
    await x.write(text('now'), WAIT_MS);
    expect(await read).toEqual({ is: 'data', bytes: text('now') });
  });

  it('loses nothing of a read that was cancelled', async () => {
    const { x, y } = pair({});
    const cancel = new AbortController();
    const read = y.read(9, WAIT_MS, cancel.signal);
    cancel.abort();
    await fails(read, 'cancelled');
    await x.write(text('kept'), WAIT_MS);
    expect(await y.read(9, WAIT_MS, NOW)).toEqual({ is: 'data', bytes: text('kept') });
  });

  it('refuses a second read while one waits', async () => {
    const { x, y } = pair({});
    const read = y.read(9, WAIT_MS);
    await expect(y.read(9, WAIT_MS)).rejects.toThrow(TypeError);
    await x.write(text('a'), WAIT_MS);
    await read;
  });

  it('cuts what is longer than a payload, and keeps the order of writes that are not waited for', async () => {
    const { x, y, router } = pair();
    const long = fc.sample(fc.uint8Array({ minLength: 40_000, maxLength: 40_000 }), { numRuns: 1, seed: 1 })[0]!;
    const writes = [x.write(long, WAIT_MS), x.write(text('after'), WAIT_MS), x.close(WAIT_MS)];
    await Promise.all(writes);
    expect(router.posted.map(({ seqno }) => seqno)).toEqual([1, 2, 3, 4, 5]);
    for (const { message } of router.posted) expect(message.length).toBeLessThanOrEqual(15 * 1024);
    expect(await readAll(y)).toEqual(concat(long, text('after')));
  });

  it('fails a write that the relay does not take in time, and with it the stream', async () => {
    const { x, router, clock } = pair({});
    router.post = () => new Promise(() => undefined);
    const read = x.read(9, WAIT_MS);
    const write = x.write(text('a'), 3_000);
    await clock.timer(3_000);
    clock.advance(3_000);
    await fails(write, 'timed-out');
    await fails(read, 'timed-out');
    await fails(x.write(text('b'), WAIT_MS), 'timed-out');
  });

  it('is unreachable for good once the relay is', async () => {
    const { x, y, router } = pair();
    await x.write(text('a'), WAIT_MS);
    router.breakDown();
    await fails(y.read(9, WAIT_MS), 'unreachable');
    await fails(y.write(text('a'), WAIT_MS), 'unreachable');
    await fails(x.write(text('a'), WAIT_MS), 'unreachable');
  });

  it('aborts both directions with a bare empty message, which is never an end', async () => {
    const { x, y, router } = pair({});
    const own = x.read(9, WAIT_MS);
    await x.abort(WAIT_MS);
    await fails(own, 'aborted');
    expect(router.posted.map(({ message }) => message.length)).toEqual([0]);
    await fails(y.read(9, WAIT_MS), 'aborted');
    await fails(y.read(9, null), 'aborted');
    await fails(y.write(text('a'), WAIT_MS), 'aborted');
  });

  it('passes over the senders that were there before it', async () => {
    const { deps, router, x } = pair();
    const y = new Connection(deps, { ...session(2), passedOver: new Set([toHex(senderOf(9))]) });
    router.put(rendezvous, { sender: senderOf(9), seqno: 1, message: text('junk') });
    router.put(rendezvous, { sender: senderOf(9), seqno: 2, message: new Uint8Array(0) });
    await x.write(text('a'), WAIT_MS);
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('a') });
  });

  it('gives nothing more of what was queued before the first error', async () => {
    const { x, y, router } = pair();
    await x.write(text('good'), WAIT_MS);
    router.put(rendezvous, { sender: senderOf(1), seqno: 2, message: text('bad') });
    await fails(y.read(9, WAIT_MS), 'bad-packet');
    await fails(y.read(9, WAIT_MS), 'bad-packet');
  });

  it('is flooded beyond 1 MiB of what nobody reads', async () => {
    const { y, router } = pair();
    const count = Math.ceil(MAX_QUEUED_BYTES / MAX_PAYLOAD_BYTES);
    for (let seqno = 1; seqno <= count; seqno++) {
      router.put(rendezvous, packet(1, seqno, new Uint8Array(MAX_PAYLOAD_BYTES)));
    }
    await fails(y.read(9, WAIT_MS), 'flooded');
  });
});

/** What a hostile relay may do to the second of three packets `one`, `two`, `three` and the end, by name, and what Y says. */
const second =
  (change: (message: RoutedMessage) => readonly RoutedMessage[]): RouterFault =>
  (message, index) =>
    index === 1 ? change(message) : [message];
const flip = (at: (length: number) => number) =>
  second((routed) => {
    const message = routed.message.slice();
    const place = at(message.length);
    message[place] = (message[place] ?? 0) ^ 1;
    return [{ ...routed, message }];
  });
const faults: readonly (readonly [string, RouterHabits, string])[] = [
  ['drops a packet', { fault: second(() => []) }, 'wrong-packet-seqno'],
  ['duplicates a packet', { fault: second((each) => [each, each]) }, 'wrong-packet-seqno'],
  ['replays packets', { replays: true, fault: (each, index) => (index < 1 ? [each] : []) }, 'wrong-packet-seqno'],
  ['drops the end', { fault: (each, index) => (index === 3 ? [] : [each]) }, 'timed-out'],
  ['drops everything', { fault: () => [] }, 'timed-out'],
  ['gives a packet as of another seqno', { fault: second((each) => [{ ...each, seqno: 3 }]) }, 'packet-mismatch'],
  [
    'gives a packet as of another sender',
    { unsorted: true, fault: second((each) => [{ ...each, sender: senderOf(7) }]) },
    'packet-mismatch',
  ],
  ['reflects', { unsorted: true, reflects: true }, 'own-packet'],
  ['truncates a packet', { fault: second((each) => [{ ...each, message: each.message.slice(0, -1) }]) }, 'bad-packet'],
  [
    'lengthens a packet',
    { fault: second((each) => [{ ...each, message: concat(each.message, text('x')) }]) },
    'bad-packet',
  ],
  ['changes the ciphertext', { fault: flip((length) => length - 1) }, 'packet-unopenable'],
  ['changes the outer sender', { fault: flip(() => 3) }, 'packet-mismatch'],
  ['changes the outer session', { fault: flip(() => 21) }, 'packet-mismatch'],
  ['changes the outer seqno', { fault: flip(() => 53) }, 'packet-mismatch'],
  ['changes the nonce', { fault: flip(() => 60) }, 'packet-unopenable'],
  ['empties a packet', { fault: second((each) => [{ ...each, message: new Uint8Array(0) }]) }, 'aborted'],
  [
    'adds a third sender that has no key',
    { unsorted: true, fault: second((each) => [{ ...each, sender: senderOf(7), message: text('x') }, each]) },
    'bad-packet',
  ],
  [
    'adds a third sender that has the key',
    { unsorted: true, fault: second((each) => [packet(7, 2, text('two')), each]) },
    'wrong-peer',
  ],
  [
    'swaps in a packet of another session',
    { fault: second(() => [packet(1, 2, text('two'), { id: fixedBytes('other') as Uint8Array as SessionId })]) },
    'wrong-session',
  ],
  [
    'swaps in a packet of another key',
    { fault: second(() => [packet(1, 2, text('two'), { writeKey: fixedBytes('other') as Uint8Array as BoxKey })]) },
    'packet-unopenable',
  ],
];

describe('Connection over a relay', () => {
  it.each(faults)('that %s', async (_, habits, code) => {
    const { x, y } = pair({ hurries: true, ...habits });
    if (habits.reflects) await y.write(text('mine'), WAIT_MS);
    for (const word of ['one', 'two', 'three']) await x.write(text(word), WAIT_MS);
    await x.close(WAIT_MS);
    await fails(readAll(y), code);
  });

  it('that reorders packets, is told from one that is honest', async () => {
    const held: RoutedMessage[] = [];
    const swap: RouterFault = (each, index) =>
      index === 0 ? (held.push(each), []) : index === 1 ? [each, ...held] : [each];
    const { x, y } = pair({ hurries: true, unsorted: true, fault: swap });
    await x.write(text('one'), WAIT_MS);
    await x.write(text('two'), WAIT_MS);
    await fails(readAll(y), 'wrong-packet-seqno');
  });

  it('that delays packets gives them all the same', async () => {
    const held: RoutedMessage[] = [];
    const { x, y, router } = pair({ fault: (each) => (held.push(each), []) });
    await x.write(text('one'), WAIT_MS);
    await x.write(text('two'), WAIT_MS);
    const read = y.read(9, WAIT_MS);
    for (const each of held) router.put(rendezvous, each);
    const first = await read;
    expect(first).toMatchObject({ is: 'data' });
    const rest = await y.read(9, null);
    expect(concat(...[first, rest].map((each) => (each.is === 'data' ? each.bytes : text(''))))).toEqual(
      text('onetwo'),
    );
  });

  it('gives the same stream however it is cut by writer and reader', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        chunks,
        fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1 }),
        async (writes, sizes) => {
          const { x, y } = pair();
          for (const bytes of writes) await x.write(bytes, WAIT_MS);
          await x.close(WAIT_MS);
          const parts: Uint8Array[] = [];
          for (let turn = 0; ; turn++) {
            const size = sizes[turn % sizes.length]!;
            const read = await y.read(size, WAIT_MS);
            if (read.is !== 'data') break;
            expect(read.bytes.length).toBeLessThanOrEqual(size);
            parts.push(read.bytes);
          }
          expect(concat(...parts)).toEqual(concat(...writes));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never gives bytes that were not written, nor an end that was not, whatever the relay does', async () => {
    const moves = fc.constantFrom(
      'pass',
      'pass',
      'drop',
      'twice',
      'cut',
      'flip',
      'rename',
      'renumber',
      'empty',
      'again',
      'hold',
    );
    const schedule = fc.array(fc.tuple(moves, fc.nat()), { minLength: 8, maxLength: 8 });
    const habits = fc.record({ reflects: fc.boolean(), replays: fc.boolean(), unsorted: fc.boolean() });
    const writes = [text('one'), fixedBytes('two'), text('three'), new Uint8Array(20_000).fill(4), text('five')];
    const whole = toHex(concat(...writes));
    await fc.assert(
      fc.asyncProperty(schedule, habits, async (plan, habit) => {
        const past: RoutedMessage[] = [];
        const { x, y } = pair({
          hurries: true,
          ...habit,
          fault: (each, index) => apply(plan[index] ?? ['pass', 0], each, past),
        });
        for (const bytes of writes) await x.write(bytes, WAIT_MS);
        await x.close(WAIT_MS);
        const parts: Uint8Array[] = [];
        let ended = false;
        try {
          for (;;) {
            const read = await y.read(7_000, WAIT_MS);
            if (read.is === 'end') break;
            if (read.is === 'data') parts.push(read.bytes);
          }
          ended = true;
        } catch (error) {
          expect(error).toMatchObject({ name: 'KexError' });
        }
        const read = toHex(concat(...parts));
        expect(whole.startsWith(read)).toBe(true);
        if (ended) expect(read.length).toBe(whole.length);
      }),
      { numRuns: 200 },
    );
  });
});

function apply(
  [move, n]: readonly [string, number],
  each: RoutedMessage,
  past: RoutedMessage[],
): readonly RoutedMessage[] {
  const earlier = past[n % Math.max(1, past.length)];
  past.push(each);
  const at = n % each.message.length;
  switch (move) {
    case 'pass':
      return [each];
    case 'drop':
      return [];
    case 'twice':
      return [each, each];
    case 'cut':
      return [{ ...each, message: each.message.slice(0, at) }];
    case 'flip':
      return [{ ...each, message: each.message.with(at, (each.message[at] ?? 0) ^ (1 << (n % 8))) }];
    case 'rename':
      return [{ ...each, sender: parseRendezvousSender(new Uint8Array(16).fill(n)) }];
    case 'renumber':
      return [{ ...each, seqno: n % 9 }];
    case 'empty':
      return [{ ...each, message: new Uint8Array(0) }];
    case 'again':
      return earlier ? [each, { ...earlier, seqno: each.seqno }] : [each];
    default:
      return earlier ? [earlier, each] : [each];
  }
}
