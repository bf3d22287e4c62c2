import { MAX_REQUEST_BYTES, parseRequest, parseRequestHash, requestHash } from '@palmkey/core/requests';
import type { Content } from '@palmkey/core/messages';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AskNotice, AskPhone, type AskResult, type Question } from './ask-phone.ts';
import { nodePrimitives } from './keys/node-primitives.ts';
import { TestClock } from './testing/test-clock.ts';
import { TestPhone } from './testing/test-phone.ts';

const phone = new TestPhone();
const stranger = new TestPhone('Other');
const pairing = phone.pairing();
const { id } = pairing.peer;
const approve = { is: 'approve', signature: Uint8Array.of(1) } as const;
const question: Question = {
  kind: 'ssh-sign',
  key: phone.key,
  data: Uint8Array.of(1, 2, 3),
  binds: [],
  host: null,
  origin: { sure: 'none' },
};

let clock: TestClock;
let sent: Content[];
let notices: AskNotice[];
let changes: number;
let askPhone: AskPhone;
let gone: AbortController;
let verified: (good: boolean) => void;
let sending: Promise<unknown>;

beforeEach(() => {
  clock = new TestClock();
  sent = [];
  notices = [];
  changes = 0;
  gone = new AbortController();
  sending = Promise.resolve();
  askPhone = new AskPhone({
    clock,
    randomBytes: (length) => nodePrimitives.randomBytes(length),
    send: (_pairing, content) => {
      sent.push(content);
      return sending;
    },
    onChange: () => (changes += 1),
  });
});

/** Asks, and gives what the request was called; `verify` is decided by `verified`. */
function ask(change: Partial<Question> = {}, slow = false) {
  const verify = () => (slow ? new Promise<boolean>((resolve) => (verified = resolve)) : Promise.resolve(true));
  const result = askPhone.ask({
    pairing,
    question: { ...question, ...change } as Question,
    about: { user: 'deploy', host: 'prod' },
    verify,
    onNotice: (notice) => notices.push(notice),
    signal: gone.signal,
  });
  const [asked] = sent.slice(-1);
  const hash = asked?.kind === 'ask' ? requestHash(asked.request) : parseRequestHash(new Uint8Array(32));
  return { result, hash };
}

const settled = () => sent.filter((content) => content.kind === 'settled');
const outcome = async (result: Promise<AskResult>) => (await result).outcome;

describe('ask', () => {
  test('sends a request that says when it ends, and lists it as waiting', () => {
    const { hash } = ask();
    const [first] = sent;
    if (first?.kind !== 'ask') throw new Error('nothing was asked');
    const request = parseRequest(first.request);
    expect(request).toMatchObject({ kind: 'ssh-sign', issued: clock.now(), expires: clock.now() + 90_000 });
    expect(askPhone.waiting()).toMatchObject([
      { hash: Buffer.from(hash).toString('hex'), user: 'deploy', host: 'prod', phone: 'Pixel', received: false },
    ]);
    expect(changes).toBeGreaterThan(0);
  });

  test('throws at once for a question beyond the limit, and waits for nothing', () => {
    const bind = { hostKey: new Uint8Array(32_000), sessionId: Uint8Array.of(1), signature: Uint8Array.of(1) };
    const binds = Array.from({ length: Math.ceil(MAX_REQUEST_BYTES / 32_000) }, () => ({ ...bind, forwarding: true }));
    expect(() => ask({ binds })).toThrow();
    expect([askPhone.waiting(), clock.timers]).toEqual([[], 0]);
  });

  test('an approval whose signature is good is handed out and settled', async () => {
    const { result, hash } = ask();
    askPhone.received(id, hash);
    askPhone.decided(id, hash, approve);
    expect(await result).toMatchObject({ outcome: 'approved', signature: approve.signature, received: true, by: id });
    expect(settled()).toMatchObject([{ hash, outcome: 'approved', by: id }]);
    expect(notices).toEqual([{ is: 'received' }]);
    expect(askPhone.waiting()).toEqual([]);
  });

  test.each([
    ['a reject', { is: 'reject' } as const, { outcome: 'rejected', signature: null }],
    [
      'a refusal',
      { is: 'refuse', code: 'clock-skew', skew: 5 } as const,
      { outcome: 'failed', refusal: { code: 'clock-skew', skew: 5 }, signature: null },
    ],
  ])('%s ends it', async (_, answer, expected) => {
    const { result, hash } = ask();
    askPhone.decided(id, hash, answer);
    expect(await result).toMatchObject(expected);
    expect(settled()).toHaveLength(1);
  });

  test('an approval whose signature is bad, or cannot be looked at, fails', async () => {
    const { result, hash } = ask({}, true);
    askPhone.decided(id, hash, approve);
    verified(false);
    expect(await result).toMatchObject({ outcome: 'failed', signature: null });
  });

  test('a reject before the host has acted wins over an approval', async () => {
    const { result, hash } = ask({}, true);
    askPhone.decided(id, hash, approve);
    askPhone.decided(id, hash, { is: 'reject' });
    verified(true);
    expect(await result).toMatchObject({ outcome: 'rejected', signature: null });
    expect(settled()).toMatchObject([{ outcome: 'rejected' }]);
  });

  test('what another phone says of it counts for nothing', async () => {
    const { result, hash } = ask();
    askPhone.received(stranger.device.id, hash);
    askPhone.decided(stranger.device.id, hash, approve);
    askPhone.decided(stranger.device.id, hash, { is: 'reject' });
    askPhone.repeat(stranger.pairing());
    askPhone.absent(stranger.pairing());
    askPhone.forget(stranger.pairing());
    expect([sent.length, notices]).toEqual([1, []]);
    askPhone.decided(id, hash, approve);
    expect(await outcome(result)).toBe('approved');
  });

  test('silence is told after 2 s and ends it after 30', async () => {
    const { result } = ask();
    askPhone.absent(pairing);
    clock.advance(1_999);
    expect(notices).toEqual([]);
    clock.advance(1);
    expect(notices).toEqual([{ is: 'unreceived', absent: true }]);
    clock.advance(28_000);
    expect(await result).toMatchObject({ outcome: 'expired', received: false, absent: true });
  });

  test('a phone that has it gets until 90 s, whatever the wall clock does', async () => {
    const { result, hash } = ask();
    clock.advance(20_000);
    askPhone.received(id, hash);
    clock.setWall(0);
    clock.advance(69_999);
    expect(askPhone.waiting()).toHaveLength(1);
    clock.advance(1);
    expect(await result).toMatchObject({ outcome: 'expired', received: true, absent: false });
  });

  test('whoever asked is gone: withdrawn, and the phone is told', async () => {
    const { result } = ask();
    gone.abort();
    expect(await outcome(result)).toBe('withdrawn');
    expect(settled()).toMatchObject([{ outcome: 'withdrawn', by: null }]);
  });

  test('whoever asked is gone already: the phone is not asked', async () => {
    gone.abort();
    expect(await outcome(ask().result)).toBe('withdrawn');
    expect(sent.map(({ kind }) => kind)).not.toContain('ask');
  });

  test('lets go of the signal once it is over', async () => {
    const { result, hash } = ask();
    askPhone.decided(id, hash, { is: 'reject' });
    await result;
    const before = sent.length;
    gone.abort();
    expect(sent).toHaveLength(before);
  });
});

test('repeat sends the same bytes again, to that phone and while it is open', async () => {
  const { result, hash } = ask();
  askPhone.absent(pairing);
  askPhone.repeat(pairing);
  expect(sent[1]).toEqual(sent[0]);
  clock.advance(2_000);
  expect(notices).toEqual([{ is: 'unreceived', absent: false }]);
  askPhone.decided(id, hash, { is: 'reject' });
  await result;
  askPhone.repeat(pairing);
  expect(sent.filter(({ kind }) => kind === 'ask')).toHaveLength(2);
});

test('a late answer gets the same settled again, for a quarter of an hour', async () => {
  const { result, hash } = ask();
  askPhone.decided(id, hash, { is: 'reject' });
  await result;
  askPhone.decided(id, hash, approve);
  expect(settled()).toMatchObject([{ outcome: 'rejected' }, { outcome: 'rejected', by: id }]);
  clock.advance(15 * 60_000);
  askPhone.decided(id, hash, approve);
  expect(settled()).toHaveLength(2);
  expect(clock.timers).toBe(0);
});

test('an answer to what was never asked is passed over', () => {
  askPhone.received(id, parseRequestHash(new Uint8Array(32)));
  askPhone.decided(id, parseRequestHash(new Uint8Array(32)), approve);
  expect(sent).toEqual([]);
});

test('forget fails what is open: an approval that comes after it is worth nothing', async () => {
  const { result, hash } = ask({}, true);
  askPhone.decided(id, hash, approve);
  askPhone.forget(pairing);
  verified(true);
  expect(await result).toMatchObject({ outcome: 'failed', signature: null });
});

test('close withdraws everything, waits until the phones were told, and leaves no timer', async () => {
  const { hash, result: first } = ask();
  askPhone.decided(id, hash, { is: 'reject' });
  await first;
  const { result } = ask();
  let told: () => void = () => undefined;
  sending = new Promise<void>((resolve) => (told = resolve));
  let closed = false;
  const closing = askPhone.close().then(() => (closed = true));
  expect(await outcome(result)).toBe('withdrawn');
  expect([closed, clock.timers]).toEqual([false, 0]);
  told();
  await closing;
  expect(await outcome(ask().result)).toBe('withdrawn');
  expect(clock.timers).toBe(0);
});
