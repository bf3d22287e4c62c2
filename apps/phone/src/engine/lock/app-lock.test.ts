import { beforeEach, describe, expect, test } from 'vitest';
import { until } from '../testing/fake-browser.ts';
import { PairedPhone } from '../testing/paired-phone.ts';
import { waitAfter } from './lock-code.ts';

const MINUTE_MS = 60_000;
const code = '246810';
let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.createNew();
});

const on = (biometric = false) => phone.tab.engine.setLock({ code, afterMinutes: 5, biometric });
const locked = { code: 'locked' };

describe('the app lock', () => {
  test('locks, shows nothing, lets nobody decide or change anything, and opens by the code', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve', { scope: 'server', minutes: 30 });
    await phone.answer(hash);
    const waiting = await phone.asked({ servers: [] });
    await on();
    expect(phone.snapshot.lock).toMatchObject({ is: 'on', locked: false, afterMinutes: 5, biometric: false });
    phone.tab.engine.lockNow();
    expect(phone.snapshot).toMatchObject({
      lock: { locked: true }, waiting: [], lockedWaiting: 1, permissions: [], history: [], aftermath: null,
    }); // prettier-ignore
    const { engine } = phone.tab;
    for (const change of [
      () => engine.decide(waiting, 'approve'),
      () => engine.addKey('x'),
      () => engine.removeKey(phone.snapshot.keys[0]?.id ?? ''),
      () => engine.revokeAllPermissions(),
      () => engine.muteComputer(phone.host.id, 1),
      () => engine.unpair(phone.host.id),
      () => engine.setLock({ code: '000000', afterMinutes: 1, biometric: false }),
      () => engine.removeLock(code),
      () => engine.exportFacts(),
    ])
      await expect(change()).rejects.toMatchObject(locked);
    expect(phone.host.decisions(waiting)).toEqual([]);
    expect(await engine.unlock('000000')).toBe(false);
    expect(await engine.unlock(null)).toBe(false);
    expect(await engine.unlock(code)).toBe(true);
    expect(phone.snapshot).toMatchObject({ lockedWaiting: 0, lock: { locked: false } });
    expect(phone.snapshot.waiting).toHaveLength(1);
    await engine.decide(waiting, 'reject');
  });

  test('lets permissions go on that were given before', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve', { scope: 'server', minutes: 30 });
    await on();
    phone.tab.engine.lockNow();
    expect((await phone.answer(await phone.host.ask(await phone.login()))).is).toBe('approve');
  });

  test('is locked after a reload, and in the next tab', async () => {
    await on();
    await phone.reload();
    expect(phone.snapshot.lock).toMatchObject({ is: 'on', locked: true });
    expect(await phone.tab.engine.unlock(code)).toBe(true);
  });

  test('locks itself after so long out of sight, and not before', async () => {
    await on();
    phone.tab.show(false);
    phone.browser.clock.advance(5 * MINUTE_MS - 1);
    phone.tab.show(true);
    expect(phone.snapshot.lock).toMatchObject({ locked: false });
    phone.tab.show(false);
    phone.browser.clock.advance(5 * MINUTE_MS);
    await until('locked', () => phone.snapshot.lock.is === 'on' && phone.snapshot.lock.locked);
    await phone.tab.engine.unlock(code);
    phone.tab.show(false);
    // Asleep: only the wall clock went on.
    phone.browser.clock.set(phone.browser.clock.now() + 5 * MINUTE_MS);
    phone.tab.show(true);
    expect(phone.snapshot.lock).toMatchObject({ locked: true });
  });

  test('makes each further wrong try wait longer, also over a reload', async () => {
    await on();
    phone.tab.engine.lockNow();
    for (let n = 0; n < 5; n += 1) expect(await phone.tab.engine.unlock('111111')).toBe(false);
    expect(phone.snapshot.lock).toMatchObject({ retryAt: phone.browser.clock.now() + 30_000 });
    expect(await phone.tab.engine.unlock(code)).toBe(false);
    await phone.reload();
    phone.browser.clock.advance(29_999);
    expect(await phone.tab.engine.unlock(code)).toBe(false);
    phone.browser.clock.advance(1);
    expect(await phone.tab.engine.unlock('111111')).toBe(false);
    expect(phone.snapshot.lock).toMatchObject({ retryAt: phone.browser.clock.now() + 60_000 });
    phone.browser.clock.set(phone.browser.clock.now() - 60 * MINUTE_MS);
    await phone.reload();
    phone.browser.clock.advance(59_999);
    expect(await phone.tab.engine.unlock(code)).toBe(false);
    phone.browser.clock.advance(1);
    expect(await phone.tab.engine.unlock(code)).toBe(true);
    phone.tab.engine.lockNow();
    expect(await phone.tab.engine.unlock('111111')).toBe(false);
    expect(phone.snapshot.lock).toMatchObject({ retryAt: null });
  });

  test('counts each of several tries at once', async () => {
    await on();
    phone.tab.engine.lockNow();
    const codes = ['000000', '000001', '000002', '000003', '000004', code];
    const tries = await Promise.all(codes.map((each) => phone.tab.engine.unlock(each)));
    expect(tries).toEqual([false, false, false, false, false, false]);
    expect(phone.snapshot.lock).toMatchObject({ locked: true, retryAt: phone.browser.clock.now() + 30_000 });
  });

  test('is switched off by the code alone, and stays off', async () => {
    await on();
    expect(await phone.tab.engine.removeLock('111111')).toBe(false);
    expect(await phone.tab.engine.removeLock(code)).toBe(true);
    await phone.reload();
    expect(phone.snapshot.lock).toEqual({ is: 'off' });
    phone.tab.engine.lockNow();
    await phone.asked();
  });

  test.each(['12345', '', '12345a', '1'.repeat(65)])('takes no code like %j', async (bad) => {
    const setting = phone.tab.engine.setLock({ code: bad, afterMinutes: 5, biometric: false });
    await expect(setting).rejects.toMatchObject({ code: 'bad-code' });
    expect(phone.snapshot.lock).toEqual({ is: 'off' });
  });

  test('keeps no code, and keeps what else was set', async () => {
    await phone.tab.engine.acknowledgeSecondWay();
    await on();
    await phone.reload();
    expect(phone.snapshot.secondWayAcknowledged).toBe(true);
    expect(JSON.stringify([...(phone.browser.tables.tables.get('settings')?.values() ?? [])])).not.toContain(code);
  });
});

describe('the platform’s check', () => {
  test('opens, where it looked at the person and answers this very question', async () => {
    await on(true);
    const { biometric } = phone.browser;
    const opens = async () => {
      phone.tab.engine.lockNow();
      return phone.tab.engine.unlock(null);
    };
    expect(await opens()).toBe(true);
    biometric.unverified = true;
    expect(await opens()).toBe(false);
    biometric.unverified = false;
    biometric.stale = true;
    expect(await opens()).toBe(false);
    biometric.stale = false;
    biometric.refuses = true;
    expect(await opens()).toBe(false);
    expect(await phone.tab.engine.unlock(code)).toBe(true);
  });

  test('that is refused leaves the lock off', async () => {
    phone.browser.biometric.refuses = true;
    await expect(on(true)).rejects.toMatchObject({ code: 'no-biometric' });
    expect(phone.snapshot.lock).toEqual({ is: 'off' });
  });
});

test('waits double from 30 s to an hour', () => {
  expect([1, 4, 5, 6, 11, 12, 13, 100].map(waitAfter)).toEqual(
    [0, 0, 30_000, 60_000, 1_920_000, 3_600_000, 3_600_000, 3_600_000],
  ); // prettier-ignore
});
