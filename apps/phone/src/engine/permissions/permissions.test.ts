import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryStore } from '../../store/memory-store.ts';
import { pinId } from '../pins.ts';
import { until } from '../testing/fake-browser.ts';
import type { LoginOptions } from '../testing/login-request.ts';
import { FakeServer } from '../testing/login-request.ts';
import { PairedPhone } from '../testing/paired-phone.ts';
import { commitText, fileRequest, gitRequest } from '../testing/sign-request.ts';

const MINUTE_MS = 60_000;
const server30 = { scope: 'server', minutes: 30 } as const;
const computer60 = { scope: 'computer', minutes: 60 } as const;
let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.createNew();
});

const now = () => phone.browser.clock.now();
const common = () => ({ key: phone.key, now: now() });

describe('a permission for a server', () => {
  test('answers the next login without a word, says until when, and is counted', async () => {
    const id = await phone.allow(server30);
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
    await phone.allow(server30);
    const hop = await FakeServer.create();
    expect(await phone.asks({ user: 'root' })).toBe('asked');
    expect(await phone.asks({ host: { name: 'other.example.org', port: 22 } })).toBe('asked');
    expect(await phone.asks({ host: { name: 'prod.example.org', port: 23 } })).toBe('asked');
    expect(await phone.asks({ host: null })).toBe('asked');
    expect(await phone.asks({ servers: [await FakeServer.create()] })).toBe('asked');
    expect(await phone.asks({ servers: [] })).toBe('asked');
    expect(await phone.asks({ servers: [hop, phone.server] })).toBe('asked');
    expect(await phone.asks()).toBe('signed');
  });

  test('covers no other key', async () => {
    await phone.allow(server30);
    await phone.tab.engine.addKey('Home');
    const line = phone.snapshot.keys[1]?.authorizedKeysLine.split(' ')[1] ?? '';
    expect(await phone.asks({ key: Uint8Array.from(atob(line), (each) => each.charCodeAt(0)) })).toBe('asked');
  });

  test('covers a forwarded login only over the very way it was given for', async () => {
    const [hop, other] = [await FakeServer.create(), await FakeServer.create()];
    const hash = await phone.asked({ servers: [hop, phone.server] });
    expect(phone.view(hash)?.offers).toEqual([{ scope: 'server', forwarded: true }]);
    await phone.tab.engine.decide(hash, 'approve', server30);
    await phone.answer(hash);
    expect(await phone.asks({ servers: [hop, phone.server] })).toBe('signed');
    expect(await phone.asks({ servers: [other, phone.server] })).toBe('asked');
    expect(await phone.asks({ servers: [other, hop, phone.server] })).toBe('asked');
    expect(await phone.asks()).toBe('asked');
  });

  test('is still there after a reload, until its end', async () => {
    await phone.allow(server30);
    await phone.reload();
    await phone.host.greet();
    expect(await phone.asks()).toBe('signed');
    phone.browser.clock.advance(30 * MINUTE_MS);
    expect(await phone.asks()).toBe('asked');
    expect(phone.snapshot.permissions).toEqual([]);
  });
});

describe('a permission for a computer', () => {
  test('covers logins to every pinned server, and commits, but no file and nothing unusual', async () => {
    const other = await FakeServer.create();
    const known = { servers: [other], host: { name: 'other.example.org', port: 22 } };
    const first = await phone.asked(known);
    await phone.tab.engine.decide(first, 'approve');
    await phone.answer(first);
    await phone.allow(computer60);
    expect(await phone.asks(known)).toBe('signed');
    expect(await phone.asks({ user: 'root' })).toBe('signed');
    expect(await phone.asks({ host: { name: 'new.example.org', port: 22 } })).toBe('asked');
    expect(await phone.asks({ host: null })).toBe('asked');
    expect(await phone.asks({ servers: [] })).toBe('asked');
    expect(await phone.asks({ servers: [other] })).toBe('asked');
    expect(await phone.asks({ servers: [other, phone.server] })).toBe('asked');
    expect(await phone.asks({ user: 'dep\u200bloy' })).toBe('asked');
    const commit = await phone.host.ask(await gitRequest(common()));
    expect(await phone.answer(commit)).toMatchObject({ is: 'approve' });
    const odd = await phone.host.ask(await gitRequest({ ...common(), text: commitText('a\u202eb\n') }));
    await until('shown', () => phone.waits(odd));
    const file = await phone.host.ask(fileRequest(common()));
    await until('shown', () => phone.waits(file));
    expect(phone.view(file)?.offers).toEqual([]);
  });

  test('answers for no server that is new, also where the name is pinned with a key of another type', async () => {
    await phone.allow(computer60);
    const options = { servers: [await FakeServer.create()], host: { name: 'new.example.org', port: 22 } };
    expect(await phone.asks(options)).toBe('asked');
    const store = new MemoryStore(phone.browser.tables);
    await store.transact('write', ['pins'], async (transaction) => {
      const [pin] = await transaction.all('pins');
      if (pin === undefined) throw new Error('no pin');
      await transaction.delete('pins', pin.id);
      await transaction.put('pins', { ...pin, id: pinId(pin.name, 22, 'ssh-rsa'), keyType: 'ssh-rsa' });
    });
    await phone.reload();
    await phone.host.greet();
    expect(await phone.asks()).toBe('asked');
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
  expect(await phone.asks()).toBe('asked');
});

describe('offers', () => {
  test('are those that would cover the next one like it', async () => {
    const offers = async (options: Partial<LoginOptions>) =>
      phone.view(await phone.asked(options))?.offers.map(({ scope }) => scope);
    expect(await offers({})).toEqual(['server', 'computer']);
    expect(await offers({ host: null })).toEqual([]);
    expect(await offers({ servers: [] })).toEqual([]);
    await phone.allow(server30);
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
  await phone.allow(server30);
  const hash = await phone.host.ask(await phone.login());
  const answer = await phone.answer(hash);
  expect(answer.is).toBe('approve');
  expect(answer).not.toHaveProperty('until');
});

test('the same request again gets the same answer, once signed', async () => {
  await phone.allow(server30);
  const request = await phone.login();
  const hash = await phone.host.ask(request);
  const first = await phone.answer(hash);
  await phone.host.ask(request);
  await until('again', () => phone.host.decisions(hash).length === 2);
  expect(phone.host.decisions(hash)[1]?.answer).toEqual(first);
  expect(phone.snapshot.permissions[0]?.uses).toBe(1);
  await phone.host.settle(hash, 'approved');
  await until('confirmed', () => phone.line(hash)?.confirmed === true);
  expect(phone.line(hash)?.by).toBe('permission');
});
