/** Two phones, a computer and real ssh at a relay that does with messages what it likes: one login is one yes. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { approve, reject } from '../lib/approve.ts';
import {
  falseFrom,
  holdMail,
  listen,
  loseMail,
  reflectMail,
  repeatMail,
  swapMail,
} from '../lib/hostile/mail-attacks.ts';
import { type PhoneName, RealStage } from '../lib/hostile/real-stage.ts';
import { nothingAsks, putAway } from '../lib/slip.ts';
import type { DeviceId } from '@palmkey/envelope';

let stage: RealStage;
let host: DeviceId;
let first: DeviceId;
let second: DeviceId;
beforeAll(async () => {
  stage = await RealStage.open(2);
  host = await stage.hostId();
  first = await stage.phoneId('First phone');
  second = await stage.phoneId('Second phone');
  await stage.page('Second phone').goto(stage.origin);
});
afterAll(() => stage[Symbol.asyncDispose]());

/** The question is on a phone's screen; the one that has not the key can only say no. */
const askedOn = (name: PhoneName) =>
  stage
    .page(name)
    .getByRole('button', { name: name === 'First phone' ? /approve once/i : 'Reject' })
    .waitFor();

/** A login that the first phone approves; every message of that phone meanwhile. */
async function approvedLogin() {
  const heard = listen({ from: first, to: host });
  using _ = stage.double.use(heard.attack);
  const ssh = stage.login();
  await askedOn('First phone');
  await approve(stage.page('First phone'));
  expect(await ssh.ended(60_000), ssh.output).toBe(0);
  return heard.messages;
}

/** A login that nobody answers meets what was heard before, and is rejected in the end. */
async function meetsOldWords(words: readonly { readonly delivered: Uint8Array }[]): Promise<void> {
  const before = stage.accepted();
  const ssh = stage.login();
  await askedOn('First phone');
  const seat = await stage.double.seatOf(host);
  for (const { delivered } of words) seat.toDevice(delivered);
  await reject(stage.page('First phone'));
  expect(await ssh.ended(60_000), ssh.output).toBe(255);
  expect(ssh.output).toContain('rejected on First phone');
  expect(stage.accepted()).toBe(before);
}

describe('an approval that was heard (replay-everywhere)', () => {
  let words: Awaited<ReturnType<typeof approvedLogin>>;
  const backup = () => join(stage.folder, 'backup');

  test('is worth nothing when it comes again over the socket', async () => {
    await stage.stopHost();
    // A socket file is no file that could be copied.
    cpSync(stage.home, backup(), { recursive: true, filter: (path) => !path.endsWith('.sock') });
    await stage.resumeHost();
    words = await approvedLogin();
    expect(words.length).toBeGreaterThan(0);
    await meetsOldWords(words);
  });

  test('nor after the computer was started again', async () => {
    await stage.stopHost();
    await stage.resumeHost();
    // The phones' connections stood meanwhile.
    await stage.statusWhere('what both phones speak', ({ phones }) =>
      phones.every(({ protocol }) => protocol !== null),
    );
    await meetsOldWords(words);
  });

  test('nor over HTTP', async () => {
    stage.double.hasSockets = false;
    stage.double.cut();
    await stage.statusWhere('a line', ({ relays, phones }) => {
      return relays.every(({ state }) => state === 'connected') && phones.some(({ reach }) => reach === 'here');
    });
    await meetsOldWords(words);
    stage.double.hasSockets = true;
    stage.double.cut();
  });

  test('nor at a computer whose folder was put back from a copy', async () => {
    await stage.stopHost();
    rmSync(stage.home, { recursive: true });
    cpSync(backup(), stage.home, { recursive: true });
    await stage.resumeHost();
    await meetsOldWords(words);
    expect((await stage.status()).phones).toHaveLength(2);
  });

  test('and a request that comes to a phone again is not asked again', async () => {
    const asks = listen({ from: host, to: first });
    using _ = stage.double.use(asks.attack);
    const ssh = stage.login();
    await askedOn('First phone');
    await approve(stage.page('First phone'));
    expect(await ssh.ended(60_000), ssh.output).toBe(0);
    const signed = stage.signed('First phone');
    const seat = await stage.double.seatOf(first);
    for (const { delivered } of asks.messages) seat.toDevice(delivered);
    await stage.page('First phone').goto(stage.origin);
    await nothingAsks(stage.page('First phone'));
    for (const { delivered } of asks.messages) (await stage.double.seatOf(first)).toDevice(delivered);
    await nothingAsks(stage.page('First phone'));
    // What comes after it was handled after it.
    await approvedLogin();
    expect(stage.signed('First phone')).toBe(signed + 1);
  });
});

describe('of two phones, one of which says no (pick-winner)', () => {
  // It shows still what it was asked along, and who has answered that.
  beforeEach(() => putAway(stage.page('Second phone')));

  test('the relay holds the no: the yes counts, and who said no sees that', async () => {
    const ssh = stage.login();
    await askedOn('First phone');
    await askedOn('Second phone');
    const held = holdMail({ from: second, to: host });
    const off = stage.double.use(held.attack);
    await reject(stage.page('Second phone'));
    await stage
      .page('Second phone')
      .getByText(/^Rejected · sending to/)
      .waitFor();
    await held.after(0);
    await approve(stage.page('First phone'));
    expect(await ssh.ended(60_000), ssh.output).toBe(0);
    off[Symbol.dispose]();
    for (const message of held.messages) message.release();
    await stage
      .page('Second phone')
      .getByText(/^Another device had approved it before your answer reached/)
      .waitFor();
    await nothingAsks(stage.page('Second phone'));
  });

  test('the relay holds the yes: the no counts, and the yes that comes after it is worth nothing', async () => {
    const before = stage.accepted();
    const ssh = stage.login();
    await askedOn('First phone');
    await askedOn('Second phone');
    const held = holdMail({ from: first, to: host });
    const off = stage.double.use(held.attack);
    await approve(stage.page('First phone'));
    await held.after(0);
    await reject(stage.page('Second phone'));
    expect(await ssh.ended(60_000), ssh.output).toBe(255);
    expect(ssh.output).toContain('rejected on Second phone');
    off[Symbol.dispose]();
    for (const message of held.messages) message.release();
    await stage
      .page('First phone')
      .getByText(/^Another device rejected it, so \S+ did not use your answer/)
      .waitFor();
    expect(stage.accepted()).toBe(before);
  });
});

describe('a decision that the relay says it took, and loses (ack-and-drop)', () => {
  test('stays with the phone, which says so, and is said again on the next connection', async () => {
    const lost = loseMail({ from: first, to: host });
    const off = stage.double.use(lost.attack);
    stage.double.cut();
    const ssh = stage.login();
    await askedOn('First phone');
    lost.begin();
    await approve(stage.page('First phone'));
    await lost.after(0);
    await stage
      .page('First phone')
      .getByText(/sending to|has not confirmed it yet/)
      .first()
      .waitFor();
    off[Symbol.dispose]();
    stage.double.cut();
    expect(await ssh.ended(90_000), ssh.output).toBe(0);
    await stage
      .page('First phone')
      .getByText(/^Signed · \S+ confirmed$/)
      .waitFor();
  });
});

describe('a login is answered once, and by the phone that a person pressed', () => {
  test.each([
    ['when everything comes three times, both ways', () => [repeatMail(host, 3), repeatMail(first, 3)]],
    ['when both are given their own words back', () => [reflectMail(host), reflectMail(first)]],
    ['when messages come in another order', () => [swapMail(host)]],
  ])('%s', async (_, attacks) => {
    const [before, signed] = [stage.accepted(), stage.signed('First phone')];
    const on = attacks().map((attack) => stage.double.use(attack));
    const ssh = stage.login();
    await askedOn('First phone');
    await approve(stage.page('First phone'));
    expect(await ssh.ended(90_000), ssh.output).toBe(0);
    for (const off of on) off[Symbol.dispose]();
    expect([stage.accepted(), stage.signed('First phone')]).toEqual([before + 1, signed + 1]);
    await nothingAsks(stage.page('First phone'));
  });

  test('not when the relay calls it another’s: the word of one phone is never another’s', async () => {
    const before = stage.accepted();
    const ssh = stage.login();
    await askedOn('First phone');
    const { attack, changed } = falseFrom(host, second, 1);
    const off = stage.double.use(attack);
    await approve(stage.page('First phone'));
    await changed;
    off[Symbol.dispose]();
    // The phone says it again: it has no receipt.
    stage.double.cut();
    expect(await ssh.ended(90_000), ssh.output).toBe(0);
    expect(ssh.output).toContain('approved on First phone');
    expect(stage.accepted()).toBe(before + 1);
  });
});
