import { concat, parseRendezvousSender, toHex } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoxKey } from '../crypto/index.ts';
import { type RouterFault, type RouterHabits, senderOf } from '../testing/fake-router.ts';
import { fixedBytes } from '../testing/fixed-keys.ts';
import { kexPair, packetOf, rendezvous } from '../testing/kex-pair.ts';
import type { Connection } from './connection.ts';
import type { RoutedMessage } from './ports.ts';
import type { SessionId } from './session.ts';

const WAIT_MS = 12_000;
const text = (value: string) => new TextEncoder().encode(value);
async function readAll(connection: Connection): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const read = await connection.read(5_000, WAIT_MS);
    if (read.is !== 'data') return concat(...parts);
    parts.push(read.bytes);
  }
}
const fails = (work: Promise<unknown>, code: string) => expect(work).rejects.toMatchObject({ name: 'KexError', code });

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
    { unsorted: true, fault: second((each) => [packetOf(7, 2, text('two')), each]) },
    'wrong-peer',
  ],
  [
    'swaps in a packet of another session',
    { fault: second(() => [packetOf(1, 2, text('two'), { id: fixedBytes('other') as Uint8Array as SessionId })]) },
    'wrong-session',
  ],
  [
    'swaps in a packet of another key',
    { fault: second(() => [packetOf(1, 2, text('two'), { writeKey: fixedBytes('other') as Uint8Array as BoxKey })]) },
    'packet-unopenable',
  ],
];

describe('Connection over a relay', () => {
  it.each(faults)('that %s', async (_, habits, code) => {
    const { x, y } = kexPair({ hurries: true, ...habits });
    if (habits.reflects) await y.write(text('mine'), WAIT_MS);
    for (const word of ['one', 'two', 'three']) await x.write(text(word), WAIT_MS);
    await x.close(WAIT_MS);
    await fails(readAll(y), code);
  });

  it('that reorders packets, is told from one that is honest', async () => {
    const held: RoutedMessage[] = [];
    const swap: RouterFault = (each, index) =>
      index === 0 ? (held.push(each), []) : index === 1 ? [each, ...held] : [each];
    const { x, y } = kexPair({ hurries: true, unsorted: true, fault: swap });
    await x.write(text('one'), WAIT_MS);
    await x.write(text('two'), WAIT_MS);
    await fails(readAll(y), 'wrong-packet-seqno');
  });

  it('that delays packets gives them all the same', async () => {
    const held: RoutedMessage[] = [];
    const { x, y, router } = kexPair({ fault: (each) => (held.push(each), []) });
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

  it.each(['get', 'post'] as const)('that fails once on %s is unreachable from then on', async (what) => {
    const { x, y, router } = kexPair();
    await x.write(text('one'), WAIT_MS);
    const [get, post] = [router.get.bind(router), router.post.bind(router)];
    const failing = (): Promise<never> => {
      Object.assign(router, { get, post });
      return Promise.reject(new Error('closed in between'));
    };
    Object.assign(router, { [what]: failing });
    if (what === 'get') await fails(y.read(9, WAIT_MS), 'unreachable');
    else await fails(y.write(text('a'), WAIT_MS), 'unreachable');
    await fails(y.read(9, WAIT_MS), 'unreachable');
    await fails(y.write(text('a'), WAIT_MS), 'unreachable');
    await y.close(WAIT_MS);
    expect(router.posted).toHaveLength(1);
  });

  it('that takes a packet and says that it has not, has written it, and after it only that it is over', async () => {
    const { x, y, router } = kexPair();
    const post = router.post.bind(router);
    router.post = async (...args) => {
      await post(...args);
      throw new Error('the answer is lost');
    };
    await fails(x.write(text('one'), WAIT_MS), 'unreachable');
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('one') });
    await x.leave(text('why'), WAIT_MS);
    await fails(y.read(9, WAIT_MS), 'aborted');
  });

  it('that answers no get at all ends a read at its deadline', async () => {
    const { y, router, clock } = kexPair({});
    router.get = () => new Promise(() => undefined);
    const read = y.read(9, WAIT_MS);
    await clock.timer(WAIT_MS);
    clock.advance(WAIT_MS);
    await fails(read, 'timed-out');
    expect(clock.timers).toBe(0);
  });

  it('gives the same stream however it is cut by writer and reader', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        chunks,
        fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1 }),
        async (writes, sizes) => {
          const { x, y } = kexPair();
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
        const { x, y } = kexPair({
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
