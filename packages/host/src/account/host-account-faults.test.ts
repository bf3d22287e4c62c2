/**
 * A computer's account whose disk, relay or phones do what they should not: nothing is decided by what is not known.
 */
import { type Head, parseLinkHash } from '@palmkey/chain';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StateError } from '../state/errors.ts';
import { AccountRig } from '../testing/account-rig.ts';
import { codeOf } from '../testing/code-of.ts';
import type { TestAccount } from '../testing/test-account.ts';
import { TestPhone } from '../testing/test-phone.ts';

let rig: AccountRig;
let chain: TestAccount;
beforeEach(async () => {
  ({ rig, chain } = await AccountRig.enlisted());
  expect(rig.account.isCurrent).toBe(true);
}, 30_000);
afterEach(() => rig[Symbol.asyncDispose]());

/** Ahead of the chain, and on no relay. */
const unseen = (): Head => ({ seqno: chain.state.head.seqno + 1, hash: parseLinkHash(new Uint8Array(32).fill(9)) });
const meet = (head: Head) => rig.account.meet(rig.phone.device.id, head);

test('a state that cannot be written down is, before the head counts as known', async () => {
  const tablet = new TestPhone('Tablet');
  await chain.add(tablet);
  const fault = new StateError('not-writable', 'pairings.json');
  rig.onState = () => {
    throw fault;
  };
  await rig.account.check();
  expect(rig.account.isCurrent).toBe(false);
  expect(rig.account.mayPass(rig.relay.url, tablet.device.id)).toBe(false);
  expect(rig.faults).toEqual([fault]);
  await rig.account.check();
  expect(rig.account.isCurrent).toBe(false);
  rig.onState = () => undefined;
  rig.clock.advance(30_000);
  await rig.account.again();
  expect(rig.states.at(-1)?.head).toEqual(chain.state.head);
  expect(rig.account.isCurrent).toBe(true);
});

test('the end of this computer that cannot be written down is, by itself', async () => {
  await chain.revoke(rig.device.id);
  rig.onState = () => {
    throw new StateError('not-writable', 'pairings.json');
  };
  await rig.account.check();
  rig.onState = () => undefined;
  rig.clock.advance(30_000);
  await rig.account.check();
  expect(rig.states.at(-1)?.standingOf(rig.device.id)).toBe('revoked');
});

describe('a head that a phone tells', () => {
  test('and that cannot be kept leaves the head unknown, and the message is not acted on', async () => {
    await chain.add(new TestPhone('Tablet'));
    rig.disk.full = true;
    expect(await meet(chain.state.head)).toBe(false);
    expect([rig.account.isCurrent, rig.account.alarm]).toEqual([false, null]);
    rig.disk.full = false;
    await rig.account.check();
    expect(await meet(chain.state.head)).toBe(true);
  });

  test('and that is known already takes no doubt back', async () => {
    rig.account.lost(rig.relay.url, false);
    expect(await meet(chain.state.head)).toBe(false);
    expect(rig.account.isCurrent).toBe(false);
  });

  test('and that is known already takes no alarm back', async () => {
    expect(await meet(unseen())).toBe(false);
    expect(await meet(chain.state.head)).toBe(false);
    expect(rig.account.alarm).toMatchObject({ code: 'withheld' });
  });

  test('stops nothing any more once this computer is out of the account', async () => {
    const other = new TestPhone('Other').device.id;
    await meet(unseen());
    expect(rig.account.mayPass(rig.relay.url, other)).toBe(false);
    await chain.revoke(rig.device.id);
    await rig.account.check();
    expect([rig.account.isActive, rig.account.alarm]).toEqual([false, null]);
    expect(rig.account.mayPass(rig.relay.url, other)).toBe(true);
  });
});

test('a relay that tells of other heads without end is asked once for all that wait', async () => {
  const ask = vi.spyOn(rig.line(rig.relay.url).chain, 'ask');
  const head = { account: chain.state.account, ...unseen() };
  for (let i = 0; i < 100; i += 1) rig.account.heard(rig.relay.url, head);
  await rig.account.check();
  expect(ask.mock.calls.length).toBeLessThanOrEqual(2);
  expect(rig.account.isCurrent).toBe(true);
});

describe('a move to another relay', () => {
  let there: TestPhone;
  let target: { relay: string; n: number; head: Head | null };
  beforeEach(async () => {
    const second = await rig.openRelay();
    there = new TestPhone('Pixel', rig.phone.device);
    await rig.connect(there, second);
    await chain.postAt(there);
    target = { relay: second.url, n: 1, head: null };
  }, 30_000);

  test('during which a phone tells a head has it met at the new relay, and keeps each link once', async () => {
    const atSecond = chain.at(there);
    await atSecond.add(new TestPhone('Tablet'));
    let met: Promise<boolean> | undefined;
    rig.onFetch = (url) => {
      if (url.startsWith(target.relay)) met ??= meet(atSecond.state.head);
    };
    await rig.account.moveTo(target);
    expect(await met).toBe(true);
    expect(rig.file.chain?.links).toHaveLength(atSecond.state.head.seqno);
    rig.account[Symbol.dispose]();
    rig.begin();
    await rig.account.open();
    expect(rig.account.state?.head).toEqual(atSecond.state.head);
  });

  test('does not let go of a head that a phone has told and neither relay shows', async () => {
    await meet(unseen());
    expect(await codeOf(rig.account.moveTo(target))).toBe('move-refused');
    expect(rig.account.place?.relay).toBe(rig.relay.url);
    expect(rig.account.alarm).toMatchObject({ code: 'withheld' });
  });

  test('ends the doubt where the new relay shows what a phone has told', async () => {
    const atSecond = chain.at(there);
    await atSecond.add(new TestPhone('Tablet'));
    expect(await meet(atSecond.state.head)).toBe(false);
    await rig.account.moveTo(target);
    expect([rig.account.alarm, rig.account.isCurrent]).toEqual([null, true]);
    expect(rig.account.place?.relay).toBe(target.relay);
  });

  test('is given up where the new relay does not let this computer in within ten seconds', async () => {
    const moving = rig.account.moveTo({ ...target, relay: 'http://relay.invalid' });
    rig.clock.advance(10_000);
    expect(await codeOf(moving)).toBe('move-unreachable');
  });
});

test.each([0, 1])('a disk that is full at write %i of leaving bars nobody from leaving later', async (room) => {
  rig.disk.room = room;
  expect(await codeOf(rig.account.leave())).not.toBe('done');
  rig.disk.room = Infinity;
  expect(await codeOf(rig.account.leave())).toBe('done');
  expect(rig.account.isActive).toBe(false);
});

test('who waits for the beginning of an account waits no longer than the program', async () => {
  await rig.account.leave();
  rig.file.consent({ account: chain.state.account, relay: rig.relay.url });
  const settled = rig.account.settle(rig.relay.url);
  rig.account[Symbol.dispose]();
  await settled;
  expect(rig.clock.timers).toBe(0);
});
