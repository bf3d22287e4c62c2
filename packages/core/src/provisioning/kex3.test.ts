import { concat, equal, parseAccountId, parseDeviceId, parseRendezvousId, toHex } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { CpaceSide } from '../crypto/cpace.ts';
import { FakeRouter, type RouterHabits, senderOf } from '../testing/fake-router.ts';
import { fixedBytes, fixedRandom } from '../testing/fixed-keys.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Connection } from './connection.ts';
import {
  codeRendezvous,
  cpaceInputs,
  encodeIdentity,
  encodeShare,
  type Identity,
  type Kex3Secret,
  kex3Keys,
  confirmationOf,
  parseShare,
} from './kex3-keys.ts';
import { type ConfirmedSession, confirmKex3, CONFIRM_LIMIT_MS } from './kex3.ts';
import { type RoutedMessage } from './ports.ts';
import { OneUse } from './session.ts';

const MEET_MS = 60_000;
const rendezvous = parseRendezvousId(fixedBytes('rendezvous'));
const account = parseAccountId(fixedBytes('account').slice(0, 16));
const x: Identity = { side: 'x', device: parseDeviceId(new Uint8Array(16).fill(1)), account };
const y: Identity = { side: 'y', device: parseDeviceId(new Uint8Array(16).fill(2)), account: null };
const words = (text: string): Kex3Secret => ({ how: 'words', words: text });
const right = words('abandon ability able');
const text = (value: string) => new TextEncoder().encode(value);

function stage(habits: RouterHabits = {}) {
  const clock = new ManualClock();
  const router = new FakeRouter(clock, habits);
  const run = (
    identity: Identity,
    secret: Kex3Secret,
    more: { signal?: AbortSignal; at?: Uint8Array; onPassedOver?: (count: number) => void } = {},
  ) =>
    confirmKex3(
      { router, clock, randomBytes: fixedRandom(`kex3 ${identity.side}`) },
      {
        secret: new OneUse(secret),
        rendezvous: parseRendezvousId(more.at ?? rendezvous),
        identity,
        meetMs: MEET_MS,
        signal: more.signal ?? new AbortController().signal,
        ...(more.onPassedOver ? { onPassedOver: more.onPassedOver } : {}),
      },
    );
  return { clock, router, run };
}
/** What became of each, by code. */
const both = async (...runs: readonly Promise<ConfirmedSession>[]) =>
  (await Promise.allSettled(runs)).map((each) =>
    each.status === 'fulfilled' ? 'confirmed' : (each.reason as { code?: string }).code,
  );
/** Changes the `which`-th message that is posted. */
const change =
  (which: number, how: (message: Uint8Array) => Uint8Array) =>
  (each: RoutedMessage, index: number): readonly RoutedMessage[] => [
    index === which ? { ...each, message: how(each.message.slice()) } : each,
  ];
const flip = (at: number) => (message: Uint8Array) => message.with(at, (message.at(at) ?? 0) ^ 1);

describe('confirmKex3', () => {
  it.each([
    ['words', right],
    ['a code', { how: 'code', bytes: fixedBytes('code') } as const],
  ] as const)('gives both sides the same session by %s, with a key for each direction', async (_, secret) => {
    const { run, router, clock } = stage();
    const [atX, atY] = await Promise.all([run(x, secret), run(y, secret)]);
    expect(atX.id).toEqual(atY.id);
    expect([atX.writeKey, atX.readKey]).toEqual([atY.readKey, atY.writeKey]);
    expect(atX.writeKey).not.toEqual(atX.readKey);
    expect([atX.peer, atY.peer]).toEqual([y.device, x.device]);
    expect([atX.account, atY.account]).toEqual([null, account]);
    expect(router.posted.map(({ message }) => message.length).sort()).toEqual([32, 32, 50, 66]);
    expect(clock.timers).toBe(0);

    const deps = { router, clock, randomBytes: fixedRandom('after') };
    const [one, other] = [new Connection(deps, atX), new Connection(deps, atY)];
    await one.write(text('in the same rendezvous'), 1_000);
    await other.write(text('both ways'), 1_000);
    expect(await other.read(99, 1_000)).toEqual({ is: 'data', bytes: text('in the same rendezvous') });
    expect(await one.read(99, 1_000)).toEqual({ is: 'data', bytes: text('both ways') });
  });

  it('tells both that the secret is wrong when one of them typed other words', async () => {
    const { run, router } = stage();
    expect(await both(run(x, right), run(y, words('abandon ability zoo')))).toEqual(['wrong-secret', 'wrong-secret']);
    expect(router.posted).toHaveLength(4);
  });

  it('tells both when the same bytes were once typed and once scanned', async () => {
    const { run } = stage();
    expect(await both(run(x, right), run(y, { how: 'code', bytes: text('abandon ability able') }))).toEqual([
      'wrong-secret',
      'wrong-secret',
    ]);
  });

  it('uses a secret once, whatever became of it', async () => {
    const { clock, router } = stage({ hurries: true });
    const secret = new OneUse(right);
    const options = { secret, rendezvous, identity: x, meetMs: MEET_MS, signal: new AbortController().signal };
    const deps = { clock, router, randomBytes: fixedRandom('once') };
    await expect(confirmKex3(deps, options)).rejects.toMatchObject({ code: 'timed-out' });
    await expect(confirmKex3(deps, options)).rejects.toMatchObject({ code: 'secret-used' });
    expect([secret.isUsed, router.posted.map(({ message }) => message.length)]).toEqual([true, [66, 0]]);
  });

  it.each([
    ['changes the share of Y', change(1, flip(5)), 'wrong-secret'],
    ['changes who Y is', change(1, flip(40)), 'wrong-secret'],
    ['makes the share of X no element, which Y does not confirm', change(0, flip(5)), 'aborted'],
    ['changes the account of X', change(0, flip(60)), 'wrong-secret'],
    ['makes the share of Y the neutral element', change(1, (m) => m.fill(0, 1, 33)), 'wrong-secret'],
    ['makes the share of Y no element', change(1, (m) => m.fill(255, 1, 33)), 'wrong-secret'],
    ['changes nothing', change(1, (m) => m), 'confirmed'],
  ] as const)('at X, over a relay that %s', async (_, fault, code) => {
    const { run } = stage({ hurries: true, fault });
    const [atX] = await both(run(x, right), run(y, right));
    expect(atX).toBe(code);
  });

  it.each([2, 3])('fails at one side alone when its confirmation is changed: message %i', async (which) => {
    const { run, router } = stage({ fault: change(which, flip(0)) });
    const ends = await both(run(x, right), run(y, right));
    expect(ends.sort()).toEqual(['confirmed', 'wrong-secret']);
    expect(router.posted).toHaveLength(4);
  });

  it('gives who is in the middle one guess, which shows', async () => {
    const { run, router, clock } = stage();
    const atX = both(run(x, right));
    await clock.timer(5_000);
    const mine: Identity = { ...y, device: parseDeviceId(new Uint8Array(16).fill(9)) };
    const guess = new CpaceSide(cpaceInputs(words('zoo zoo zoo'), rendezvous), fixedRandom('guess'));
    const own = { share: guess.share, associatedData: encodeIdentity(mine) };
    const sent = parseShare(router.posted[0]!.message, 'x')!;
    const keys = kex3Keys(rendezvous, guess.agree(sent.message.share), sent.message, own);
    router.put(rendezvous, { sender: senderOf(9), seqno: 1, message: encodeShare(own) });
    router.put(rendezvous, { sender: senderOf(9), seqno: 2, message: confirmationOf(keys, 'y', sent.message) });
    expect(await atX).toEqual(['wrong-secret']);
    expect(router.posted).toHaveLength(2);
  });

  it('passes over and counts what has not the form of the other side', async () => {
    const counts: number[] = [];
    const { run, router, clock } = stage();
    const ofX = encodeShare({ share: fixedBytes('share'), associatedData: encodeIdentity({ ...y, device: x.device }) });
    const junk = [text('junk'), ofX, ofX.slice(0, -1), concat(ofX, text('x')), ofX.with(0, 4)];
    for (const [i, message] of junk.entries())
      router.put(rendezvous, { sender: senderOf(0x10 + i), seqno: 1, message });
    router.put(rendezvous, { sender: senderOf(0x20), seqno: 7, message: text('of another seqno') });
    // What lies there answers every look at once: the pauses after it have to end.
    const ticking = setInterval(() => clock.advance(25), 1);
    const runs = [run(x, right, { onPassedOver: (count) => counts.push(count) }), run(y, right)] as const;
    const ends = await Promise.all(runs).finally(() => clearInterval(ticking));
    expect(ends[0].id).toEqual(ends[1].id);
    expect(counts).toEqual([1, 2, 3, 4, 5]);
    expect([...ends[0].passedOver]).toContain(toHex(senderOf(0x20)));
  });

  it('passes over its own messages, which a relay gives back', async () => {
    const { run } = stage({ reflects: true });
    expect(await both(run(x, right), run(y, right))).toEqual(['confirmed', 'confirmed']);
  });

  it('is confirmed by whoever carries the messages, under whatever sender', async () => {
    const { run } = stage({
      fault: (each) => [each, { ...each, sender: each.sender.with(0, 0) as RoutedMessage['sender'] }],
    });
    expect(await both(run(x, right), run(y, right))).toEqual(['confirmed', 'confirmed']);
  });

  it('holds to the first that has the form: a second is passed over', async () => {
    const { run, router } = stage();
    const second = encodeShare({
      share: fixedBytes('share'),
      associatedData: encodeIdentity({ ...y, device: parseDeviceId(new Uint8Array(16).fill(8)) }),
    });
    const runs = both(run(x, right), run(y, right));
    router.put(rendezvous, { sender: senderOf(0xff), seqno: 1, message: second });
    router.put(rendezvous, { sender: senderOf(0xff), seqno: 2, message: fixedBytes('confirmation') });
    expect(await runs).toEqual(['confirmed', 'confirmed']);
  });

  it('loses, to who was there first and has the form, its one exchange', async () => {
    const { run, router, clock } = stage();
    const first = new CpaceSide(cpaceInputs(words('zoo zoo zoo'), rendezvous), fixedRandom('squatter'));
    const message = encodeShare({
      share: first.share,
      associatedData: encodeIdentity({ ...y, device: parseDeviceId(new Uint8Array(16).fill(8)) }),
    });
    router.put(rendezvous, { sender: senderOf(0), seqno: 1, message });
    const atX = both(run(x, right));
    expect(await both(run(y, right))).toEqual(['wrong-secret']);
    await clock.timer(25);
    clock.advance(CONFIRM_LIMIT_MS);
    expect(await atX).toEqual(['timed-out']);
  });

  it.each([1, 2])('is aborted by a bare empty message, of whatever seqno: %i', async (seqno) => {
    const { run, router } = stage();
    router.put(rendezvous, { sender: senderOf(9), seqno, message: new Uint8Array(0) });
    expect(await both(run(x, right))).toEqual(['aborted']);
  });

  it('tells the other side when it is cancelled while its share is on its way', async () => {
    const { run, router } = stage();
    const post = router.post.bind(router);
    const cancel = new AbortController();
    router.post = async (...args) => {
      await post(...args);
      if (args[3].length === 0) return;
      cancel.abort();
      await new Promise(() => undefined);
    };
    expect(await both(run(x, right, { signal: cancel.signal }))).toEqual(['cancelled']);
    router.post = post;
    expect(await both(run(y, right))).toEqual(['aborted']);
  });

  it('is aborted instead of confirmed', async () => {
    const { run } = stage({ fault: (each, index) => [index >= 2 ? { ...each, message: new Uint8Array(0) } : each] });
    expect(await both(run(x, right), run(y, right))).toEqual(['aborted', 'aborted']);
  });

  it('times out when nobody comes', async () => {
    const { run, router, clock } = stage({ hurries: true });
    expect(await both(run(x, right))).toEqual(['timed-out']);
    expect(new Set(router.polls)).toEqual(new Set([5_000]));
    expect(clock.timers).toBe(0);
  });

  it('times out when the confirmation does not come', async () => {
    const { run, router, clock } = stage({ fault: (each, index) => (index >= 2 ? [] : [each]) });
    const ends = both(run(x, right), run(y, right));
    await expect.poll(() => router.posted.length).toBe(4);
    clock.advance(CONFIRM_LIMIT_MS);
    expect(await ends).toEqual(['timed-out', 'timed-out']);
  });

  it('is unreachable when the relay is', async () => {
    const { run, router } = stage();
    router.breakDown();
    expect(await both(run(x, right))).toEqual(['unreachable']);
  });

  it('looks while its own message is on its way', async () => {
    const { run, router } = stage();
    const post = router.post.bind(router);
    router.post = async (...args) => {
      await expect.poll(() => router.polls.length > router.posted.length).toBe(true);
      return post(...args);
    };
    expect(await both(run(x, right), run(y, right))).toEqual(['confirmed', 'confirmed']);
  });

  it('looks no more where its own message cannot be posted', async () => {
    const { run, router, clock } = stage();
    router.post = () => Promise.reject(new Error('down'));
    expect(await both(run(x, right))).toEqual(['unreachable']);
    expect(clock.timers).toBe(0);
  });

  it.each([1, 2, 3])('is unreachable at both, when the relay ends after message %i', async (count) => {
    const down: { now: () => void } = { now: () => undefined };
    const { run, router } = stage({ fault: (each, index) => (index + 1 === count ? (down.now(), [each]) : [each]) });
    down.now = () => router.breakDown();
    expect(await both(run(x, right), run(y, right))).toEqual(['unreachable', 'unreachable']);
  });

  it('is flooded by a relay that gives more than a rendezvous holds', async () => {
    const { run, router } = stage();
    for (let i = 0; i < 1_100; i++) {
      router.put(rendezvous, {
        sender: senderOf(0)
          .with(0, i >> 8)
          .with(1, i & 255) as RoutedMessage['sender'],
        seqno: 1,
        message: text('x'),
      });
    }
    expect(await both(run(x, right))).toEqual(['flooded']);
  });

  it('tells the other side when it is cancelled', async () => {
    const { run, clock } = stage();
    const cancel = new AbortController();
    const atX = both(run(x, right, { signal: cancel.signal }));
    await clock.timer(5_000);
    cancel.abort();
    expect(await atX).toEqual(['cancelled']);
    expect(await both(run(y, right))).toEqual(['aborted']);
  });

  it('tells the other side when it is cancelled, also where that is confirmed already', async () => {
    let sharedByY: RoutedMessage | undefined;
    const { run, router, clock } = stage({
      fault: (each) => {
        if (each.message.length === 50) sharedByY = each;
        return each.message.length === 32 && sharedByY !== undefined && equal(each.sender, sharedByY.sender)
          ? []
          : [each];
      },
    });
    const cancel = new AbortController();
    const atX = both(run(x, right, { signal: cancel.signal }));
    const session = await run(y, right);
    cancel.abort();
    expect(await atX).toEqual(['cancelled']);
    const stream = new Connection({ router, clock, randomBytes: fixedRandom('after') }, session);
    await expect(stream.read(99, 1_000)).rejects.toMatchObject({ code: 'aborted' });
  });

  it('leaves a rendezvous in which who waits for a packet is not answered with what lay there before', async () => {
    const { run, router, clock } = stage();
    const [atX, atY] = await Promise.all([run(x, right), run(y, right)]);
    const deps = { router, clock, randomBytes: fixedRandom('after') };
    const [one, other] = [new Connection(deps, atX), new Connection(deps, atY)];
    const polls = router.polls.length;
    for (const word of ['one', 'two', 'three']) {
      const read = other.read(99, 1_000);
      await one.write(text(word), 1_000);
      expect(await read).toEqual({ is: 'data', bytes: text(word) });
    }
    expect(router.polls).toHaveLength(polls + 3);
  });

  it('comes to nothing at another rendezvous than the one that was opened', async () => {
    const { run } = stage({ hurries: true });
    expect(await both(run(x, right), run(y, right, { at: codeRendezvous(fixedBytes('other')) }))).toEqual([
      'timed-out',
      'timed-out',
    ]);
  });
});
