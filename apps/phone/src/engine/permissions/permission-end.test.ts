import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryTables } from '../../store/memory-store.ts';
import { quiet, until } from '../testing/fake-browser.ts';
import { PairedPhone } from '../testing/paired-phone.ts';

const MINUTE_MS = 60_000;
const server30 = { scope: 'server', minutes: 30 } as const;
const computer60 = { scope: 'computer', minutes: 60 } as const;
let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.createNew();
});

const now = () => phone.browser.clock.now();

describe('the end of a permission', () => {
  test('comes by the monotonic clock when the wall clock is set back', async () => {
    await phone.allow(server30);
    phone.browser.clock.set(now() - 10 * MINUTE_MS);
    phone.browser.clock.advance(29 * MINUTE_MS);
    expect(await phone.asks()).toBe('signed');
    phone.browser.clock.advance(MINUTE_MS);
    expect(await phone.asks()).toBe('asked');
  });

  test('comes by the wall clock when the other one stood still', async () => {
    await phone.allow(server30);
    phone.browser.clock.set(now() + 30 * MINUTE_MS);
    expect(await phone.asks()).toBe('asked');
  });

  test('has come when the clock was set back while the app was closed', async () => {
    await phone.allow(server30);
    phone.browser.clock.advance(5 * MINUTE_MS);
    expect(await phone.asks()).toBe('signed');
    phone.tab.engine.close();
    phone.browser.clock.set(now() - 4 * MINUTE_MS);
    await phone.open();
    expect(phone.snapshot.permissions).toEqual([]);
    expect(await phone.asks()).toBe('asked');
  });

  test('leaves the list by itself', async () => {
    await phone.allow(server30);
    expect(phone.snapshot.permissions).toHaveLength(1);
    phone.browser.clock.advance(30 * MINUTE_MS);
    await until('gone', () => phone.snapshot.permissions.length === 0);
  });
});

describe('a revoked permission', () => {
  test('signs nothing any more, also after a reload', async () => {
    const id = await phone.allow(server30);
    await phone.tab.engine.revokePermission(id);
    expect(phone.snapshot.permissions).toEqual([]);
    expect(await phone.asks()).toBe('asked');
    await phone.reload();
    expect(phone.snapshot.permissions).toEqual([]);
    expect(await phone.asks()).toBe('asked');
  });

  test.each([0, 2, 5, 10, 20, 40, 80])(
    'while its login is %i turns on the way: it left before, or a person is asked and nothing leaves',
    async (turns) => {
      const id = await phone.allow(server30);
      const hash = await phone.host.ask(await phone.login());
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await phone.tab.engine.revokePermission(id);
      await until('a screen or an answer', () => phone.waits(hash) || phone.host.decisions(hash).length > 0);
      await quiet();
      expect(phone.waits(hash)).toBe(phone.host.decisions(hash).length === 0);
      expect(phone.line(hash)?.signed ?? false).toBe(!phone.waits(hash));
    },
  );

  test('in the moment before the answer leaves: the person is asked, and the line is gone', async () => {
    const id = await phone.allow(server30);
    const store = phone.tab.store();
    const hash = await phone.host.ask(await phone.login());
    let revoked: Promise<void> | null = null;
    if (store !== undefined)
      store.onWritten = (tables) => {
        if (tables.includes('permissions')) revoked ??= phone.tab.engine.revokePermission(id);
      };
    await until('asked', () => phone.waits(hash));
    expect(revoked).not.toBeNull();
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
    expect(phone.line(hash)).toBeUndefined();
    await phone.tab.engine.decide(hash, 'reject');
    expect(await phone.answer(hash)).toEqual({ is: 'reject' });
  });

  test('hands nothing out again that it had signed and that never arrived', async () => {
    const id = await phone.allow(server30);
    const request = await phone.login();
    phone.host.disconnect();
    const hash = await phone.host.ask(request);
    await until('signed', () => phone.line(hash)?.signed === true);
    await phone.tab.engine.revokePermission(id);
    phone.host.connect();
    await phone.host.greet();
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
    await phone.host.ask(request);
    await until('asked', () => phone.waits(hash));
  });

  test('all at once', async () => {
    await phone.allow(server30);
    await phone.allow(computer60, { user: 'root' });
    await phone.tab.engine.revokeAllPermissions();
    expect(phone.snapshot.permissions).toEqual([]);
    expect(await phone.asks()).toBe('asked');
  });

  test('that an old copy of the profile brings back holds no longer than it was given for', async () => {
    const id = await phone.allow(server30);
    const backup = new MemoryTables();
    for (const [name, table] of phone.browser.tables.tables) backup.tables.set(name, new Map(table));
    await phone.tab.engine.revokePermission(id);
    phone.tab.engine.close();
    for (const [name, table] of backup.tables) phone.browser.tables.tables.set(name, table);
    phone.browser.clock.advance(29 * MINUTE_MS);
    await phone.open();
    expect(phone.snapshot.permissions).toHaveLength(1);
    phone.browser.clock.advance(MINUTE_MS);
    expect(await phone.asks()).toBe('asked');
  });

  test('in one tab is over in the tab that takes over', async () => {
    const id = await phone.allow(server30);
    const second = phone.browser.open();
    await quiet();
    phone.browser.clock.advance(400);
    await until('elsewhere', () => second.engine.getSnapshot().phase.is === 'elsewhere');
    await phone.tab.engine.revokePermission(id);
    second.engine.useHere();
    await until('taken over', () => second.engine.getSnapshot().phase.is === 'ready');
    expect(second.engine.getSnapshot().permissions).toEqual([]);
    phone.tab = second;
    await until('connected', () => phone.snapshot.computers[0]?.reach !== 'connecting');
    expect(await phone.asks()).toBe('asked');
  });
});

test('unpairing and taking the key away end their permissions for good', async () => {
  await phone.allow(server30);
  const key = phone.snapshot.keys[0]?.id ?? '';
  await phone.tab.engine.removeKey(key);
  expect(phone.snapshot.permissions).toEqual([]);
  await phone.reload();
  expect(phone.snapshot.permissions).toEqual([]);
});

describe('what a permission answered, asked again once it is over', () => {
  /** Requests that a permission answered and the computer never settled; the permission is ended then. */
  async function answered(count: number) {
    await phone.allow(server30);
    const requests = await Promise.all(Array.from({ length: count }, () => phone.login()));
    for (const request of requests) expect((await phone.answer(await phone.host.ask(request))).is).toBe('approve');
    await phone.tab.engine.revokeAllPermissions();
    return requests;
  }

  test('keeps its line: a signature that left is told of, whatever the person says now', async () => {
    const [request] = await answered(1);
    if (request === undefined) throw new Error('no request');
    const hash = await phone.host.ask(request);
    await until('shown', () => phone.waits(hash));
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', signed: true, by: 'permission' });
    await phone.tab.engine.decide(hash, 'reject');
    expect(phone.line(hash)).toMatchObject({ signed: true });
    await phone.reload();
    expect(phone.line(hash)).toMatchObject({ signed: true });
  });

  test('is refused by a muted computer, and counts like any other asking', async () => {
    const requests = await answered(34);
    await phone.tab.engine.muteComputer(phone.host.id, 60 * MINUTE_MS);
    for (const request of requests) await phone.host.ask(request);
    await quiet();
    expect(phone.snapshot.waiting).toEqual([]);
    await phone.tab.engine.unmuteComputer(phone.host.id);
    for (const request of requests) await phone.host.ask(request);
    // Of the 30 at once one was the login that the permission was given with.
    await until('refused', () => phone.snapshot.computers[0]?.flooded?.refused === 5);
    expect(phone.snapshot.waiting).toHaveLength(29);
  });
});

test('a permission is not there when its answer could not be stored', async () => {
  const hash = await phone.asked();
  const store = phone.tab.store();
  if (store) store.failWrites = true;
  await expect(phone.tab.engine.decide(hash, 'approve', server30)).rejects.toMatchObject({ code: 'store-failed' });
  await phone.reload();
  expect(phone.snapshot.permissions).toEqual([]);
  expect(phone.host.decisions(hash)).toEqual([]);
});

test('a store that fails while a permission answers lets nothing out', async () => {
  await phone.allow(server30);
  const store = phone.tab.store();
  if (store) store.failWrites = true;
  const hash = await phone.host.ask(await phone.login());
  await until('broken', () => phone.snapshot.phase.is === 'broken');
  await quiet();
  expect(phone.host.decisions(hash)).toEqual([]);
});
