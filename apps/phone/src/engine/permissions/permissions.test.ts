import { parseRequestHash } from '@palmkey/core/requests';
import { fromHex } from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PermissionGrant } from '../../model/model.ts';
import { MemoryStore, MemoryTables } from '../../store/memory-store.ts';
import { pinId } from '../pins.ts';
import { quiet, until } from '../testing/fake-browser.ts';
import type { LoginOptions } from '../testing/login-request.ts';
import { FakeServer } from '../testing/login-request.ts';
import { PairedPhone } from '../testing/paired-phone.ts';
import { commitText, fileRequest, gitRequest } from '../testing/sign-request.ts';

const MINUTE_MS = 60_000;
let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.createNew();
});

const now = () => phone.browser.clock.now();
const common = () => ({ key: phone.key, now: now() });

/** A login that a person approves, with a permission. */
async function allow(grant: PermissionGrant, options: Partial<LoginOptions> = {}): Promise<string> {
  const hash = await phone.asked(options);
  await phone.tab.engine.decide(hash, 'approve', grant);
  await phone.answer(hash);
  return phone.snapshot.aftermath?.permission ?? '';
}

const server30 = { scope: 'server', minutes: 30 } as const;
const computer60 = { scope: 'computer', minutes: 60 } as const;

/** Asks, and says whether the permission answered or a person has to. */
async function asks(options: Partial<LoginOptions> = {}): Promise<'signed' | 'asked'> {
  const hash = await phone.host.ask(await phone.login(options));
  await until('an answer or a screen', () => phone.host.decisions(hash).length > 0 || phone.waits(hash));
  return phone.waits(hash) ? 'asked' : 'signed';
}

describe('a permission for a server', () => {
  test('answers the next login without a word, says until when, and is counted', async () => {
    const id = await allow(server30);
    const endsAt = now() + 30 * MINUTE_MS;
    phone.browser.clock.advance(MINUTE_MS);
    const hash = await phone.host.ask(await phone.login());
    expect(await phone.answer(hash)).toMatchObject({ is: 'approve', until: endsAt });
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.host.received).not.toContain(hash);
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', by: 'permission', signed: true, user: 'deploy' });
    expect(phone.snapshot.permissions).toMatchObject([
      {
        id,
        scope: { is: 'server', host: { name: 'prod.example.org', port: 22 }, user: 'deploy', through: null },
        keyName: 'Work',
        uses: 1,
        lastUsedAt: now(),
        endsAt,
      },
    ]);
  });

  test('covers no other user, name, port, server, unbound or forwarded login', async () => {
    await allow(server30);
    const hop = await FakeServer.create();
    expect(await asks({ user: 'root' })).toBe('asked');
    expect(await asks({ host: { name: 'other.example.org', port: 22 } })).toBe('asked');
    expect(await asks({ host: { name: 'prod.example.org', port: 23 } })).toBe('asked');
    expect(await asks({ host: null })).toBe('asked');
    expect(await asks({ servers: [await FakeServer.create()] })).toBe('asked');
    expect(await asks({ servers: [] })).toBe('asked');
    expect(await asks({ servers: [hop, phone.server] })).toBe('asked');
    expect(await asks()).toBe('signed');
  });

  test('covers no other key', async () => {
    await allow(server30);
    await phone.tab.engine.addKey('Home');
    const line = phone.snapshot.keys[1]?.authorizedKeysLine.split(' ')[1] ?? '';
    expect(await asks({ key: Uint8Array.from(atob(line), (each) => each.charCodeAt(0)) })).toBe('asked');
  });

  test('covers a forwarded login only over the very way it was given for', async () => {
    const [hop, other] = [await FakeServer.create(), await FakeServer.create()];
    const hash = await phone.asked({ servers: [hop, phone.server] });
    expect(phone.view(hash)?.offers).toEqual([{ scope: 'server', forwarded: true }]);
    await phone.tab.engine.decide(hash, 'approve', server30);
    await phone.answer(hash);
    expect(await asks({ servers: [hop, phone.server] })).toBe('signed');
    expect(await asks({ servers: [other, phone.server] })).toBe('asked');
    expect(await asks({ servers: [other, hop, phone.server] })).toBe('asked');
    expect(await asks()).toBe('asked');
  });

  test('is still there after a reload, until its end', async () => {
    await allow(server30);
    await phone.reload();
    await phone.host.greet();
    expect(await asks()).toBe('signed');
    phone.browser.clock.advance(30 * MINUTE_MS);
    expect(await asks()).toBe('asked');
    expect(phone.snapshot.permissions).toEqual([]);
  });
});

describe('the end of a permission', () => {
  test('comes by the monotonic clock when the wall clock is set back', async () => {
    await allow(server30);
    phone.browser.clock.set(now() - 10 * MINUTE_MS);
    phone.browser.clock.advance(29 * MINUTE_MS);
    expect(await asks()).toBe('signed');
    phone.browser.clock.advance(MINUTE_MS);
    expect(await asks()).toBe('asked');
  });

  test('comes by the wall clock when the other one stood still', async () => {
    await allow(server30);
    phone.browser.clock.set(now() + 30 * MINUTE_MS);
    expect(await asks()).toBe('asked');
  });

  test('has come when the clock was set back while the app was closed', async () => {
    await allow(server30);
    phone.browser.clock.advance(5 * MINUTE_MS);
    expect(await asks()).toBe('signed');
    phone.tab.engine.close();
    phone.browser.clock.set(now() - 4 * MINUTE_MS);
    await phone.open();
    expect(phone.snapshot.permissions).toEqual([]);
    expect(await asks()).toBe('asked');
  });

  test('leaves the list by itself', async () => {
    await allow(server30);
    expect(phone.snapshot.permissions).toHaveLength(1);
    phone.browser.clock.advance(30 * MINUTE_MS);
    await until('gone', () => phone.snapshot.permissions.length === 0);
  });
});

describe('a revoked permission', () => {
  test('signs nothing any more, also after a reload', async () => {
    const id = await allow(server30);
    await phone.tab.engine.revokePermission(id);
    expect(phone.snapshot.permissions).toEqual([]);
    expect(await asks()).toBe('asked');
    await phone.reload();
    expect(phone.snapshot.permissions).toEqual([]);
    expect(await asks()).toBe('asked');
  });

  test.each([0, 2, 5, 10, 20, 40, 80])(
    'while its login is %i turns on the way: it left before, or a person is asked and nothing leaves',
    async (turns) => {
      const id = await allow(server30);
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
    const id = await allow(server30);
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
    const id = await allow(server30);
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
    await allow(server30);
    await allow(computer60, { user: 'root' });
    await phone.tab.engine.revokeAllPermissions();
    expect(phone.snapshot.permissions).toEqual([]);
    expect(await asks()).toBe('asked');
  });

  test('that an old copy of the profile brings back holds no longer than it was given for', async () => {
    const id = await allow(server30);
    const backup = new MemoryTables();
    for (const [name, table] of phone.browser.tables.tables) backup.tables.set(name, new Map(table));
    await phone.tab.engine.revokePermission(id);
    phone.tab.engine.close();
    for (const [name, table] of backup.tables) phone.browser.tables.tables.set(name, table);
    phone.browser.clock.advance(29 * MINUTE_MS);
    await phone.open();
    expect(phone.snapshot.permissions).toHaveLength(1);
    phone.browser.clock.advance(MINUTE_MS);
    expect(await asks()).toBe('asked');
  });

  test('in one tab is over in the tab that takes over', async () => {
    const id = await allow(server30);
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
    expect(await asks()).toBe('asked');
  });
});

describe('a permission for a computer', () => {
  test('covers logins to every pinned server, and commits, but no file and nothing unusual', async () => {
    const other = await FakeServer.create();
    const known = { servers: [other], host: { name: 'other.example.org', port: 22 } };
    const first = await phone.asked(known);
    await phone.tab.engine.decide(first, 'approve');
    await phone.answer(first);
    await allow(computer60);
    expect(await asks(known)).toBe('signed');
    expect(await asks({ user: 'root' })).toBe('signed');
    expect(await asks({ host: { name: 'new.example.org', port: 22 } })).toBe('asked');
    expect(await asks({ host: null })).toBe('asked');
    expect(await asks({ servers: [] })).toBe('asked');
    expect(await asks({ servers: [other] })).toBe('asked');
    expect(await asks({ servers: [other, phone.server] })).toBe('asked');
    expect(await asks({ user: 'dep\u200bloy' })).toBe('asked');
    const commit = await phone.host.ask(await gitRequest(common()));
    expect(await phone.answer(commit)).toMatchObject({ is: 'approve' });
    const odd = await phone.host.ask(await gitRequest({ ...common(), text: commitText('a\u202eb\n') }));
    await until('shown', () => phone.waits(odd));
    const file = await phone.host.ask(fileRequest(common()));
    await until('shown', () => phone.waits(file));
    expect(phone.view(file)?.offers).toEqual([]);
  });

  test('answers for no server that is new, also where the name is pinned with a key of another type', async () => {
    await allow(computer60);
    const options = { servers: [await FakeServer.create()], host: { name: 'new.example.org', port: 22 } };
    expect(await asks(options)).toBe('asked');
    const store = new MemoryStore(phone.browser.tables);
    await store.transact('write', ['pins'], async (transaction) => {
      const [pin] = await transaction.all('pins');
      if (pin === undefined) throw new Error('no pin');
      await transaction.delete('pins', pin.id);
      await transaction.put('pins', { ...pin, id: pinId(pin.name, 22, 'ssh-rsa'), keyType: 'ssh-rsa' });
    });
    await phone.reload();
    await phone.host.greet();
    expect(await asks()).toBe('asked');
  });
});

test('a permission for commits covers commits with its key and no login', async () => {
  const hash = await phone.host.ask(await gitRequest(common()));
  await until('shown', () => phone.waits(hash));
  expect(phone.view(hash)?.offers.map(({ scope }) => scope)).toEqual(['commits', 'computer']);
  await phone.tab.engine.decide(hash, 'approve', { scope: 'commits', minutes: 180 });
  await phone.answer(hash);
  const next = await phone.host.ask(await gitRequest({ ...common(), text: commitText('Another\n') }));
  expect(await phone.answer(next)).toMatchObject({ is: 'approve' });
  expect(phone.line(next)).toMatchObject({ kind: 'git', subject: 'Another', by: 'permission' });
  expect(await asks()).toBe('asked');
});

describe('offers', () => {
  test('are those that would cover the next one like it', async () => {
    const offers = async (options: Partial<LoginOptions>) =>
      phone.view(await phone.asked(options))?.offers.map(({ scope }) => scope);
    expect(await offers({})).toEqual(['server', 'computer']);
    expect(await offers({ host: null })).toEqual([]);
    expect(await offers({ servers: [] })).toEqual([]);
    await allow(server30);
    expect(await offers({ servers: [await FakeServer.create()] })).toEqual([]);
  });

  test('that were not made cannot be taken, nor lengths that are none: nothing is signed', async () => {
    const hash = await phone.asked({ servers: [] });
    const refused = { code: 'not-offered' };
    await expect(phone.tab.engine.decide(hash, 'approve', server30)).rejects.toMatchObject(refused);
    const direct = await phone.asked();
    for (const minutes of [0, 31, 721, Number.NaN, Infinity, -30])
      await expect(phone.tab.engine.decide(direct, 'approve', { scope: 'server', minutes })).rejects.toMatchObject(
        refused,
      );
    await expect(phone.tab.engine.decide(direct, 'approve', { scope: 'commits', minutes: 30 })).rejects.toMatchObject(
      refused,
    );
    expect([...phone.host.decisions(hash), ...phone.host.decisions(direct)]).toEqual([]);
    expect(phone.snapshot.permissions).toEqual([]);
  });
});

test('towards a computer of version 1 the answer says no end', async () => {
  phone = await PairedPhone.create();
  await allow(server30);
  const hash = await phone.host.ask(await phone.login());
  const answer = await phone.answer(hash);
  expect(answer.is).toBe('approve');
  expect(answer).not.toHaveProperty('until');
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
  await allow(server30);
  const store = phone.tab.store();
  if (store) store.failWrites = true;
  const hash = await phone.host.ask(await phone.login());
  await until('broken', () => phone.snapshot.phase.is === 'broken');
  await quiet();
  expect(phone.host.decisions(hash)).toEqual([]);
});

test('unpairing and taking the key away end their permissions for good', async () => {
  await allow(server30);
  const key = phone.snapshot.keys[0]?.id ?? '';
  await phone.tab.engine.removeKey(key);
  expect(phone.snapshot.permissions).toEqual([]);
  await phone.reload();
  expect(phone.snapshot.permissions).toEqual([]);
});

test('the same request again gets the same answer, once signed', async () => {
  await allow(server30);
  const request = await phone.login();
  const hash = await phone.host.ask(request);
  const first = await phone.answer(hash);
  await phone.host.ask(request);
  await until('again', () => phone.host.decisions(hash).length === 2);
  expect(phone.host.decisions(hash)[1]?.answer).toEqual(first);
  expect(phone.snapshot.permissions[0]?.uses).toBe(1);
  await phone.host.say({ kind: 'settled', hash: parseRequestHash(fromHex(hash)), outcome: 'approved', by: null });
  await until('confirmed', () => phone.line(hash)?.confirmed === true);
  expect(phone.line(hash)?.by).toBe('permission');
});

describe('what a permission answered, asked again once it is over', () => {
  /** Requests that a permission answered and the computer never settled; the permission is ended then. */
  async function answered(count: number) {
    await allow(server30);
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
