/** A request to one phone, from its asking to what is remembered of it. */
import { MAX_REQUEST_BYTES, parseRequest, parseRequestHash } from '@palmkey/core/requests';
import { beforeEach, describe, expect, test } from 'vitest';
import { approve, AskStage } from '../testing/ask-stage.ts';
import type { AskResult, Question } from './ask.ts';

let stage: AskStage;
beforeEach(() => {
  stage = new AskStage();
});

const outcome = async (result: Promise<AskResult>) => (await result).outcome;

describe('ask', () => {
  test('sends a request that says when it ends, and lists it as waiting', () => {
    const { hash } = stage.askOne();
    const [first] = stage.sent;
    if (first?.kind !== 'ask') throw new Error('nothing was asked');
    const request = parseRequest(first.request);
    expect(request).toMatchObject({ kind: 'ssh-sign', issued: stage.clock.now(), expires: stage.clock.now() + 90_000 });
    expect(stage.askPhone.waiting()).toMatchObject([
      { hash: Buffer.from(hash).toString('hex'), user: 'deploy', host: 'prod', phones: ['Pixel'], receivedBy: [] },
    ]);
    expect(stage.changes).toBeGreaterThan(0);
  });

  test('throws at once for a question beyond the limit, and waits for nothing', () => {
    const bind = { hostKey: new Uint8Array(32_000), sessionId: Uint8Array.of(1), signature: Uint8Array.of(1) };
    const binds = Array.from({ length: Math.ceil(MAX_REQUEST_BYTES / 32_000) }, () => ({ ...bind, forwarding: true }));
    expect(() => stage.askOne({ question: { ...stage.question, binds } as Question })).toThrow();
    expect([stage.askPhone.waiting(), stage.clock.timers]).toEqual([[], 0]);
  });

  test('an approval whose signature is good is handed out and settled', async () => {
    const { result, hash } = stage.askOne();
    stage.askPhone.received(stage.id, hash);
    stage.askPhone.decided(stage.id, hash, approve);
    expect(await result).toMatchObject({
      outcome: 'approved',
      signature: approve.signature,
      received: true,
      by: 'Pixel',
      until: null,
    });
    expect(stage.settled()).toMatchObject([{ hash, outcome: 'approved', by: stage.id }]);
    expect(stage.notices).toEqual([{ is: 'received', by: 'Pixel', holds: true }]);
    expect(stage.askPhone.waiting()).toEqual([]);
  });

  test.each([
    ['a reject', { is: 'reject' } as const, { outcome: 'rejected', signature: null }],
    [
      'a refusal',
      { is: 'refuse', code: 'clock-skew', skew: 5 } as const,
      { outcome: 'failed', code: 'clock-skew', skew: 5, signature: null },
    ],
  ])('%s ends it', async (_, answer, expected) => {
    const { result, hash } = stage.askOne();
    stage.askPhone.decided(stage.id, hash, answer);
    expect(await result).toMatchObject(expected);
    expect(stage.settled()).toHaveLength(1);
  });

  test('an approval whose signature is bad, or cannot be looked at, fails', async () => {
    const { result, hash } = stage.askOne({ verify: stage.slowly });
    stage.askPhone.decided(stage.id, hash, approve);
    stage.verified(false);
    expect(await result).toMatchObject({ outcome: 'failed', signature: null });
  });

  test('a reject before the host has acted wins over an approval', async () => {
    const { result, hash } = stage.askOne({ verify: stage.slowly });
    stage.askPhone.decided(stage.id, hash, approve);
    stage.askPhone.decided(stage.id, hash, { is: 'reject' });
    stage.verified(true);
    expect(await result).toMatchObject({ outcome: 'rejected', signature: null });
    expect(stage.settled()).toMatchObject([{ outcome: 'rejected' }]);
  });

  test('what another phone says of it counts for nothing', async () => {
    const { result, hash } = stage.askOne();
    stage.askPhone.received(stage.stranger.device.id, hash);
    stage.askPhone.decided(stage.stranger.device.id, hash, approve);
    stage.askPhone.decided(stage.stranger.device.id, hash, { is: 'reject' });
    stage.askPhone.repeat(stage.stranger.pairing());
    stage.askPhone.absent(stage.stranger.pairing());
    stage.askPhone.forget(stage.stranger.pairing(), 'unpaired');
    expect([stage.sent.length, stage.notices]).toEqual([1, []]);
    stage.askPhone.decided(stage.id, hash, approve);
    expect(await outcome(result)).toBe('approved');
  });

  test('silence is told after 2 s and ends it after 30', async () => {
    const { result } = stage.askOne();
    stage.askPhone.absent(stage.pairing);
    stage.clock.advance(1_999);
    expect(stage.notices).toEqual([]);
    stage.clock.advance(1);
    expect(stage.notices).toEqual([{ is: 'unreceived', absent: true }]);
    stage.clock.advance(28_000);
    expect(await result).toMatchObject({ outcome: 'expired', received: false, absent: true });
  });

  test('a phone that has it gets until 90 s, whatever the wall clock does', async () => {
    const { result, hash } = stage.askOne();
    stage.clock.advance(20_000);
    stage.askPhone.received(stage.id, hash);
    stage.clock.setWall(0);
    stage.clock.advance(69_999);
    expect(stage.askPhone.waiting()).toHaveLength(1);
    stage.clock.advance(1);
    expect(await result).toMatchObject({ outcome: 'expired', received: true, absent: false });
  });

  test('whoever asked is gone: withdrawn, and the phone is told', async () => {
    const { result } = stage.askOne();
    stage.gone.abort();
    expect(await outcome(result)).toBe('withdrawn');
    expect(stage.settled()).toMatchObject([{ outcome: 'withdrawn', by: null }]);
  });

  test('whoever asked is gone already: the phone is not asked', async () => {
    stage.gone.abort();
    expect(await outcome(stage.askOne().result)).toBe('withdrawn');
    expect(stage.sent.map(({ kind }) => kind)).not.toContain('ask');
  });

  test('lets go of the signal once it is over', async () => {
    const { result, hash } = stage.askOne();
    stage.askPhone.decided(stage.id, hash, { is: 'reject' });
    await result;
    const before = stage.sent.length;
    stage.gone.abort();
    expect(stage.sent).toHaveLength(before);
  });
});

test('repeat sends the same bytes again, to that phone and while it is open', async () => {
  const { result, hash } = stage.askOne();
  stage.askPhone.absent(stage.pairing);
  stage.askPhone.repeat(stage.pairing);
  expect(stage.sent[1]).toEqual(stage.sent[0]);
  stage.clock.advance(2_000);
  expect(stage.notices).toEqual([{ is: 'unreceived', absent: false }]);
  stage.askPhone.decided(stage.id, hash, { is: 'reject' });
  await result;
  stage.askPhone.repeat(stage.pairing);
  expect(stage.sent.filter(({ kind }) => kind === 'ask')).toHaveLength(2);
});

test('repeat says again what came of a request, as long as a phone may show it', async () => {
  const { result, hash } = stage.askOne();
  stage.gone.abort();
  await result;
  expect(stage.settled()).toHaveLength(1);
  stage.askPhone.repeat(stage.pairing);
  expect(stage.settled()[1]).toEqual({ kind: 'settled', hash, outcome: 'withdrawn', by: null });
  stage.askPhone.repeat(stage.stranger.pairing());
  stage.clock.advance(90_000);
  stage.askPhone.repeat(stage.pairing);
  expect(stage.settled()).toHaveLength(2);
});

test('a late answer gets the same settled again, for a quarter of an hour', async () => {
  const { result, hash } = stage.askOne();
  stage.askPhone.decided(stage.id, hash, { is: 'reject' });
  await result;
  stage.askPhone.decided(stage.id, hash, approve);
  expect(stage.settled()).toMatchObject([{ outcome: 'rejected' }, { outcome: 'rejected', by: stage.id }]);
  stage.clock.advance(15 * 60_000);
  stage.askPhone.decided(stage.id, hash, approve);
  expect(stage.settled()).toHaveLength(2);
  expect(stage.clock.timers).toBe(0);
});

test('an answer to what was never asked is passed over', () => {
  stage.askPhone.received(stage.id, parseRequestHash(new Uint8Array(32)));
  stage.askPhone.decided(stage.id, parseRequestHash(new Uint8Array(32)), approve);
  expect(stage.sent).toEqual([]);
});

test('forget fails what is open: an approval that comes after it is worth nothing', async () => {
  const { result, hash } = stage.askOne({ verify: stage.slowly });
  stage.askPhone.decided(stage.id, hash, approve);
  stage.askPhone.forget(stage.pairing, 'unpaired');
  stage.verified(true);
  expect(await result).toMatchObject({ outcome: 'failed', signature: null });
});

test('close withdraws everything, waits until the phones were told, and leaves no timer', async () => {
  const { hash, result: first } = stage.askOne();
  stage.askPhone.decided(stage.id, hash, { is: 'reject' });
  await first;
  const { result } = stage.askOne();
  let told: () => void = () => undefined;
  stage.sending = new Promise<void>((resolve) => (told = resolve));
  let closed = false;
  const closing = stage.askPhone.close().then(() => (closed = true));
  expect(await outcome(result)).toBe('withdrawn');
  expect([closed, stage.clock.timers]).toEqual([false, 0]);
  told();
  await closing;
  expect(await outcome(stage.askOne().result)).toBe('withdrawn');
  expect(stage.clock.timers).toBe(0);
});
