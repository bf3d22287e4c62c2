import { FrameType, encodeFrame, parseDeviceId } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { TestClock } from '../testing/test-clock.ts';
import { Coalescing } from './coalescing.ts';
import { ExpiryWatch, type Watched } from './expiry-watch.ts';
import { encodeExpired, parseExpired } from './expired-word.ts';
import { MailPurger } from './mail-purger.ts';
import { MailboxLedger } from './mailbox-ledger.ts';
import { parsePostAnswer } from './post-answer.ts';
import { unwrapMail, wrapMail } from './stored-mail.ts';
import { ElectionBridge } from './election-bridge.ts';
import { UnsettledPosts } from './unsettled-posts.ts';

const from = parseDeviceId(new Uint8Array(16).fill(1));
const to = parseDeviceId(new Uint8Array(16).fill(2));

function mail(coalescingKey = 0, durable = false, bytes = 10) {
  const body = new Uint8Array(bytes);
  const frame = encodeFrame({
    type: FrameType.unicast,
    lifetimeS: 9,
    number: 1,
    peer: from,
    coalescingKey,
    durable,
    body,
  });
  return { to, from, frame: Buffer.from(frame), expiresAt: 5, line: null };
}

describe('MailPurger', () => {
  it('joins the acks of a device for a second, or until there are 256, and says only the last', async () => {
    const clock = new TestClock();
    const purged: [string, number][] = [];
    const purger = new MailPurger(clock, (device, upTo) => {
      purged.push([device, upTo]);
      return Promise.resolve();
    });
    purger.add('a', 5, 1);
    purger.add('a', 9, 1);
    purger.add('b', 3, 1);
    expect(purged).toEqual([]);
    clock.advance(1_000);
    expect(purged).toEqual([
      ['a', 9],
      ['b', 3],
    ]);
    purger.add('a', 300, 256);
    expect(purged.at(-1)).toEqual(['a', 300]);
    purger.add('a', 301, 1);
    purger.forget('a');
    purger.add('b', 7, 1);
    await purger.flushAll();
    expect(purged.slice(3)).toEqual([['b', 7]]);
  });
});

describe('ExpiryWatch', () => {
  const watched: Watched = { sequence: 1, from, to, number: 1 };

  it('names mail once its time is over, and not before', () => {
    const clock = new TestClock();
    const due: Watched[] = [];
    const watch = new ExpiryWatch(clock, (mail) => due.push(...mail));
    watch.add(clock.now() + 5_000, watched);
    watch.add(clock.now() + 500_000, { ...watched, sequence: 2 });
    clock.advance(5_000);
    expect(due).toEqual([]);
    clock.advance(1_000);
    expect(due).toEqual([watched]);
    watch.close();
    clock.advance(1_000_000);
    expect(due).toHaveLength(1);
  });

  it('names at the next step what is over already', () => {
    const clock = new TestClock();
    const due: Watched[] = [];
    const watch = new ExpiryWatch(clock, (mail) => due.push(...mail));
    watch.add(clock.now() - 60_000, watched);
    clock.advance(1_000);
    expect(due).toEqual([watched]);
    watch.close();
  });
});

describe('MailboxLedger', () => {
  it('counts what was put in, and lets go of what stands before the first that is left', () => {
    const ledger = new MailboxLedger(200_000);
    ledger.add('a', 1, 70_000);
    ledger.add('a', 2, 70_000);
    expect(ledger.isHalfFull('a')).toBe(true);
    expect(ledger.isFull('a', 60_000)).toBe(false);
    expect(ledger.isFull('a', 60_001)).toBe(true);
    expect(ledger.isFull('b', 60_001)).toBe(false);
    ledger.release('a', 2);
    expect(ledger.isHalfFull('a')).toBe(false);
    expect(ledger.isFull('a', 130_001)).toBe(true);
    ledger.release('a', Infinity);
    expect(ledger.isFull('a', 200_000)).toBe(false);
  });
});

describe('Coalescing', () => {
  it('names the message that the next of the same key replaces; never a durable one', () => {
    const coalescing = new Coalescing();
    expect(coalescing.stored(mail(7), 1)).toBeUndefined();
    expect(coalescing.stored(mail(7), 2)).toBe(1);
    expect(coalescing.stored(mail(8), 3)).toBeUndefined();
    expect(coalescing.stored(mail(7, true), 4)).toBeUndefined();
    expect(coalescing.stored(mail(0), 5)).toBeUndefined();
    expect(coalescing.stored(mail(0), 6)).toBeUndefined();
    expect(coalescing.stored(mail(7), 7)).toBe(2);
  });
});

describe('ElectionBridge', () => {
  it('asks with the first of what it holds until a leader answers, and then gives all others in their order', () => {
    const clock = new TestClock();
    const published: number[] = [];
    const bridge = new ElectionBridge(clock, (token) => published.push(token) > 0);
    for (const token of [4, 5, 6]) bridge.hold(token);
    clock.advance(250);
    clock.advance(250);
    expect([published, bridge.isNeeded]).toEqual([[4, 4], true]);
    bridge.answered(4);
    expect([published, bridge.isNeeded]).toEqual([[4, 4, 5, 6], false]);
    clock.advance(1_000);
    expect(published).toHaveLength(4);
  });

  it('passes over what was given up', () => {
    const clock = new TestClock();
    const published: number[] = [];
    const bridge = new ElectionBridge(clock, (token) => token > 1 && published.push(token) > 0);
    for (const token of [1, 2]) bridge.hold(token);
    bridge.probe();
    expect([published, bridge.holds(1), bridge.holds(2)]).toEqual([[2], false, true]);
  });
});

describe('UnsettledPosts', () => {
  it('refuses what is not answered within 15 s, in order, and what comes later is not answered twice', () => {
    const clock = new TestClock();
    const posts = new UnsettledPosts(clock);
    const outcomes: string[] = [];
    const first = posts.add(mail(), (outcome) => outcomes.push(`first ${outcome}`));
    clock.advance(12_000);
    const second = posts.add(mail(), (outcome) => outcomes.push(`second ${outcome}`));
    clock.advance(3_000);
    expect(outcomes).toEqual(['first unavailable']);
    expect(posts.take(first)).toBeUndefined();
    clock.advance(12_000);
    expect(outcomes).toEqual(['first unavailable', 'second unavailable']);
    expect(posts.take(second)).toBeUndefined();
  });

  it('is full by messages or by bytes, and has room again when they are answered', () => {
    const posts = new UnsettledPosts(new TestClock());
    const tokens = Array.from({ length: 600 }, () => posts.add(mail(0, false, 60_000), () => undefined));
    expect(posts.isFull).toBe(true);
    for (const token of tokens) posts.take(token);
    expect(posts.isFull).toBe(false);
  });
});

describe('parsePostAnswer', () => {
  it.each([
    ['{"stream":"s","seq":7}', { kind: 'taken', sequence: 7, duplicate: false }],
    ['{"stream":"s","seq":7,"duplicate":true}', { kind: 'taken', sequence: 7, duplicate: true }],
    ['{"error":{"code":503,"err_code":10077,"description":"…"},"stream":"s","seq":0}', { kind: 'full' }],
    ['{"error":{"code":503,"err_code":10008,"description":"…"}}', { kind: 'failed' }],
    ['', { kind: 'nobody' }],
    ['no', { kind: 'failed' }],
    ['{}', { kind: 'failed' }],
  ])('reads %s', (text, answer) => {
    expect(parsePostAnswer(Buffer.from(text))).toEqual(answer);
  });
});

it('wrapMail and unwrapMail are each other’s reverse, and what is no mail has no frame', () => {
  const { frame } = mail(3);
  expect(unwrapMail(4, wrapMail(1_700_000_000_123, frame))).toEqual({
    sequence: 4,
    expiresAt: 1_700_000_000_123,
    frame,
  });
  expect(unwrapMail(4, new Uint8Array(47)).frame).toBeNull();
  expect(unwrapMail(4, new Uint8Array(60)).frame).toBeNull();
});

it('encodeExpired and parseExpired are each other’s reverse', () => {
  const word = { from, to, number: 2 ** 52 };
  expect(parseExpired(encodeExpired(word))).toEqual(word);
  expect(parseExpired(encodeExpired(word).subarray(1))).toBeNull();
});
