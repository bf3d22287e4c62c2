import { concat, toHex } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeRouter, senderOf } from '../testing/fake-router.ts';
import { kexPair, packetOf, randomBytes, rendezvous, sessionOf } from '../testing/kex-pair.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Connection, MAX_QUEUED_BYTES } from './connection.ts';
import { MAX_PAYLOAD_BYTES } from './packet.ts';

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

describe('Connection', () => {
  it('carries bytes both ways, and gives what is queued as far as it fits', async () => {
    const { x, y } = kexPair();
    await x.write(text('hello '), WAIT_MS);
    await x.write(text('there'), WAIT_MS);
    await y.write(text('hi'), WAIT_MS);
    expect(await y.read(8, WAIT_MS)).toEqual({ is: 'data', bytes: text('hello th') });
    expect(await y.read(8, WAIT_MS)).toEqual({ is: 'data', bytes: text('ere') });
    expect(await x.read(100, WAIT_MS)).toEqual({ is: 'data', bytes: text('hi') });
    expect([toHex(x.peer!), toHex(y.peer!)]).toEqual([toHex(senderOf(2)), toHex(senderOf(1))]);
  });

  it('gives the end only when nothing else was read, and then always', async () => {
    const { x, y } = kexPair();
    await x.write(text('last'), WAIT_MS);
    await x.close(WAIT_MS);
    expect(await y.read(2, WAIT_MS)).toEqual({ is: 'data', bytes: text('la') });
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('st') });
    for (const waitMs of [WAIT_MS, null, WAIT_MS]) expect(await y.read(9, waitMs)).toEqual({ is: 'end' });
    await y.write(text('still'), WAIT_MS);
    expect(await x.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('still') });
  });

  it('posts nothing for nothing written', async () => {
    const { x, router } = kexPair();
    await x.write(new Uint8Array(0), WAIT_MS);
    expect(router.posted).toEqual([]);
  });

  it('refuses to write after closing, and closes once', async () => {
    const { x, router } = kexPair();
    await x.close(WAIT_MS);
    await x.close(WAIT_MS);
    await fails(x.write(text('a'), WAIT_MS), 'closed');
    expect(router.posted).toHaveLength(1);
  });

  it('says nothing yet without waiting, having asked once and not for long', async () => {
    const { y, router } = kexPair();
    expect(await y.read(9, null)).toEqual({ is: 'nothing' });
    expect(router.polls).toEqual([0]);
  });

  it('says nothing yet when the relay holds back its answer to who does not wait', async () => {
    const clock = new ManualClock();
    const router = new FakeRouter(clock);
    router.get = () => new Promise(() => undefined);
    const y = new Connection({ router, clock, randomBytes }, sessionOf(2));
    const read = y.read(9, null);
    await clock.timer(5_000);
    clock.advance(5_000);
    expect(await read).toEqual({ is: 'nothing' });
  });

  it('times out at the deadline, in polls of at most 5 s, and can be read again', async () => {
    const { x, y, router } = kexPair();
    await fails(y.read(9, 12_000), 'timed-out');
    expect(router.polls).toEqual([5_000, 5_000, 2_000]);
    await x.write(text('late'), WAIT_MS);
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('late') });
  });

  it('asks a relay no faster when the clock is put forward beyond the deadline while it waits', async () => {
    const clock = new ManualClock();
    let aheadMs = 0;
    const router = new FakeRouter(clock);
    const polls: number[] = [];
    router.get = (_rendezvous, _receiver, _low, pollMs) => {
      polls.push(pollMs);
      aheadMs = 60 * 60_000;
      return polls.length > 20 ? Promise.reject(new Error('asked on and on')) : Promise.resolve([]);
    };
    const skewed = { now: () => clock.now() + aheadMs, after: clock.after.bind(clock) };
    const y = new Connection({ router, clock: skewed, randomBytes }, sessionOf(2));
    const read = y.read(9, WAIT_MS);
    await clock.timer(25);
    clock.advance(WAIT_MS);
    await fails(read, 'timed-out');
    expect(polls).toEqual([5_000, 5_000]);
  });

  it('pauses between polls that a relay answers before their time', async () => {
    const clock = new ManualClock();
    let gets = 0;
    const router = new FakeRouter(clock);
    router.get = () => Promise.resolve([]).finally(() => (gets += 1));
    const y = new Connection({ router, clock, randomBytes }, sessionOf(2));
    const read = y.read(9, 1_000);
    for (const [before, ms] of [25, 50, 100, 200, 250, 250].entries()) {
      await clock.timer(ms);
      expect(gets).toBe(before + 1);
      clock.advance(ms);
    }
    await clock.timer(125);
    clock.advance(125);
    await fails(read, 'timed-out');
    expect(clock.timers).toBe(0);
  });

  it('reads what comes while it waits', async () => {
    const { x, y } = kexPair({});
    const read = y.read(9, WAIT_MS);
    await x.write(text('now'), WAIT_MS);
    expect(await read).toEqual({ is: 'data', bytes: text('now') });
  });

  it('loses nothing of a read that was cancelled', async () => {
    const { x, y } = kexPair({});
    const cancel = new AbortController();
    const read = y.read(9, WAIT_MS, cancel.signal);
    cancel.abort();
    await fails(read, 'cancelled');
    await x.write(text('kept'), WAIT_MS);
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('kept') });
  });

  it('refuses a second read while one waits', async () => {
    const { x, y } = kexPair({});
    const read = y.read(9, WAIT_MS);
    await expect(y.read(9, WAIT_MS)).rejects.toThrow(TypeError);
    await x.write(text('a'), WAIT_MS);
    await read;
  });

  it('cuts what is longer than a payload, and keeps the order of writes that are not waited for', async () => {
    const { x, y, router } = kexPair();
    const long = fc.sample(fc.uint8Array({ minLength: 40_000, maxLength: 40_000 }), { numRuns: 1, seed: 1 })[0]!;
    const writes = [x.write(long, WAIT_MS), x.write(text('after'), WAIT_MS), x.close(WAIT_MS)];
    await Promise.all(writes);
    expect(router.posted.map(({ seqno }) => seqno)).toEqual([1, 2, 3, 4, 5]);
    for (const { message } of router.posted) expect(message.length).toBeLessThanOrEqual(15 * 1024);
    expect(await readAll(y)).toEqual(concat(long, text('after')));
  });

  it('fails a write that the relay does not take in time, and with it the stream', async () => {
    const { x, router, clock } = kexPair({});
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
    const { x, y, router } = kexPair();
    await x.write(text('a'), WAIT_MS);
    router.breakDown();
    await fails(y.read(9, WAIT_MS), 'unreachable');
    await fails(y.write(text('a'), WAIT_MS), 'unreachable');
    await fails(x.write(text('a'), WAIT_MS), 'unreachable');
  });

  it('aborts both directions with a bare empty message, which is never an end', async () => {
    const { x, y, router } = kexPair({});
    const own = x.read(9, WAIT_MS);
    await x.abort(WAIT_MS);
    await fails(own, 'aborted');
    expect(router.posted.map(({ message }) => message.length)).toEqual([0]);
    await fails(y.read(9, WAIT_MS), 'aborted');
    await fails(y.read(9, null), 'aborted');
    await fails(y.write(text('a'), WAIT_MS), 'aborted');
  });

  it('parts with its end where the relay has all that was written', async () => {
    const { x, y } = kexPair();
    await x.write(text('a'), WAIT_MS);
    await x.part(WAIT_MS);
    expect(await readAll(y)).toEqual(text('a'));
  });

  it('parts with a bare empty message while a packet is not answered, and waits for no answer to it', async () => {
    const { x, y, router } = kexPair({});
    const post = router.post.bind(router);
    router.post = async (...args) => {
      await post(...args);
      await new Promise(() => undefined);
    };
    const writes = ['a', 'b'].map((each) => x.write(text(each), WAIT_MS));
    await expect.poll(() => router.posted.length).toBe(1);
    void x.part(WAIT_MS);
    for (const write of writes) await fails(write, 'aborted');
    expect(router.posted.map(({ message }) => message.length > 0)).toEqual([true, false]);
    await fails(readAll(y), 'aborted');
  });

  it('leaves with a last word after an error in what came, and with a bare empty message after a write that failed', async () => {
    const { x, y, router } = kexPair();
    router.put(rendezvous, { sender: senderOf(1), seqno: 1, message: text('bad') });
    await fails(y.read(9, WAIT_MS), 'bad-packet');
    await y.leave(text('why'), WAIT_MS);
    await y.leave(text('again'), WAIT_MS);
    expect(await x.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('why') });
    expect(await x.read(9, WAIT_MS)).toEqual({ is: 'end' });
    const { clock, router: silent, x: late } = kexPair({});
    const post = silent.post.bind(silent);
    silent.post = () => new Promise(() => undefined);
    const write = late.write(text('a'), 3_000);
    await clock.timer(3_000);
    clock.advance(3_000);
    await fails(write, 'timed-out');
    silent.post = post;
    await late.leave(text('why'), WAIT_MS);
    expect([silent.posted.map(({ message }) => message.length), clock.timers]).toEqual([[0], 0]);
  });

  it('leaves after what is still being written, of which the relay may take no longer than it is given', async () => {
    const { x, y, router, clock } = kexPair({});
    const [post] = [router.post.bind(router)];
    let go = (): void => undefined;
    router.post = async (...args) => {
      await new Promise<void>((resolve) => (go = resolve));
      return post(...args);
    };
    const write = x.write(text('a'), WAIT_MS);
    const leave = x.leave(text('b'), 2_000);
    await clock.timer(2_000);
    go();
    await write;
    await expect.poll(() => router.posted.length).toBe(1);
    clock.advance(2_000);
    await leave;
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('a') });
  });

  it('counts its packets from where the session says', async () => {
    const { deps, router } = kexPair();
    const [x, y] = [1, 2].map((self) => new Connection(deps, { ...sessionOf(self), firstSeqno: 3 }));
    await x?.write(text('third'), WAIT_MS);
    expect(router.posted.map(({ seqno }) => seqno)).toEqual([3]);
    expect(await y?.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('third') });
    router.put(rendezvous, packetOf(1, 5, text('fifth')));
    await fails(y?.read(9, WAIT_MS) ?? Promise.resolve(), 'wrong-packet-seqno');
  });

  it('passes over the senders that were there before it', async () => {
    const { deps, router, x } = kexPair();
    const y = new Connection(deps, { ...sessionOf(2), passedOver: new Set([toHex(senderOf(9))]) });
    router.put(rendezvous, { sender: senderOf(9), seqno: 1, message: text('junk') });
    router.put(rendezvous, { sender: senderOf(9), seqno: 2, message: new Uint8Array(0) });
    await x.write(text('a'), WAIT_MS);
    expect(await y.read(9, WAIT_MS)).toEqual({ is: 'data', bytes: text('a') });
  });

  it('gives nothing more of what was queued before the first error', async () => {
    const { x, y, router } = kexPair();
    await x.write(text('good'), WAIT_MS);
    router.put(rendezvous, { sender: senderOf(1), seqno: 2, message: text('bad') });
    await fails(y.read(9, WAIT_MS), 'bad-packet');
    await fails(y.read(9, WAIT_MS), 'bad-packet');
  });

  it('is flooded beyond 1 MiB of what nobody reads', async () => {
    const { y, router } = kexPair();
    const count = Math.ceil(MAX_QUEUED_BYTES / MAX_PAYLOAD_BYTES);
    for (let seqno = 1; seqno <= count; seqno++) {
      router.put(rendezvous, packetOf(1, seqno, new Uint8Array(MAX_PAYLOAD_BYTES)));
    }
    await fails(y.read(9, WAIT_MS), 'flooded');
  });
});
