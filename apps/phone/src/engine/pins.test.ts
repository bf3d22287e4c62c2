import { beforeEach, describe, expect, test } from 'vitest';
import { until } from './testing/fake-browser.ts';
import { FakeHost } from './testing/fake-host.ts';
import { FakeServer } from './testing/login-request.ts';
import { PairedPhone } from './testing/paired-phone.ts';

let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.create();
});

describe('the server', () => {
  async function approve(options = {}) {
    const hash = await phone.asked(options);
    await phone.tab.engine.decide(hash, 'approve');
    await phone.answer(hash);
  }

  test('is pinned by an approval, under name and port', async () => {
    await approve();
    await phone.asked();
    expect(phone.snapshot.waiting[0]).toMatchObject({ hostKey: { is: 'pinned' }, unusual: [] });
    const other = await phone.asked({ host: { name: 'prod.example.org', port: 2222 } });
    expect(phone.logins.find(({ hash }) => hash === other)?.hostKey.is).toBe('new');
  });

  test('that one computer had pinned is new from another, and says from where it is known', async () => {
    await approve();
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    const mine = `laptop (${phone.host.id.slice(0, 8)})`;
    const ask = async () => {
      const hash = await other.ask(await phone.login());
      await until('waiting', () => phone.waits(hash));
      return { hash, view: phone.snapshot.waiting.find((each) => each.hash === hash) };
    };
    const first = await ask();
    expect(first.view).toMatchObject({
      hostKey: { is: 'new', knownAs: [{ name: 'prod.example.org', port: 22, by: [mine] }] },
      unusual: ['new-host'],
    });
    await phone.tab.engine.decide(first.hash, 'approve');
    expect((await ask()).view).toMatchObject({ hostKey: { is: 'pinned' }, unusual: [] });
  });

  test('that one computer had pinned is changed for every other', async () => {
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    const hash = await other.ask(await phone.login({ servers: [await FakeServer.create()] }));
    await until('waiting', () => phone.waits(hash));
    await phone.tab.engine.decide(hash, 'approve');
    const theirs = `laptop (${other.id.slice(0, 8)})`;
    await phone.asked();
    expect(phone.logins[0]?.hostKey).toMatchObject({ is: 'changed', pinnedBy: [theirs] });
  });

  test('that is pinned as one says so when a computer calls it another, or nothing', async () => {
    await approve();
    const view = async (host: { name: string; port: number } | null) => {
      const hash = await phone.asked({ host });
      return phone.logins.find((each) => each.hash === hash);
    };
    const knownAs = [{ name: 'prod.example.org', port: 22, by: ['laptop'] }];
    const renamed = await view({ name: 'git.example.org', port: 22 });
    expect(renamed).toMatchObject({ hostKey: { is: 'new', knownAs }, unusual: ['new-host', 'other-name'] });
    expect((await view(null))?.hostKey).toMatchObject({ is: 'unnamed', knownAs });
  });

  test('that changed cannot be approved, before and after a reload, until its pin is forgotten', async () => {
    await approve();
    const hash = await phone.asked({ servers: [await FakeServer.create()] });
    expect(phone.logins[0]?.hostKey.is).toBe('changed');
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'host-key-changed' });
    await phone.reload();
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'host-key-changed' });
    expect(phone.host.decisions(hash)).toEqual([]);
    await phone.tab.engine.forgetPin({ name: 'prod.example.org', port: 22 });
    expect(phone.logins[0]?.hostKey.is).toBe('new');
    await phone.tab.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
  });

  test('that became another one while its screen was open cannot be approved', async () => {
    const second = await phone.asked({ servers: [await FakeServer.create()] });
    expect(phone.logins[0]?.hostKey.is).toBe('new');
    await approve();
    await expect(phone.tab.engine.decide(second, 'approve')).rejects.toMatchObject({ code: 'host-key-changed' });
    await phone.tab.engine.decide(second, 'reject');
    expect(await phone.answer(second)).toEqual({ is: 'reject' });
  });

  test('without a name, without binds, or behind another is said to be unusual', async () => {
    const unnamed = await phone.asked({ host: null });
    const unbound = await phone.asked({ servers: [], programs: [] });
    const forwarded = await phone.asked({ servers: [await FakeServer.create(), phone.server] });
    const view = (hash: string) => phone.logins.find((each) => each.hash === hash);
    expect(view(unnamed)).toMatchObject({ hostKey: { is: 'unnamed' }, unusual: ['unnamed-host'] });
    expect(view(unbound)).toMatchObject({ hostKey: { is: 'unbound' }, unusual: ['unbound', 'unknown-program'] });
    expect(view(forwarded)?.hops).toHaveLength(1);
    expect(view(forwarded)?.unusual).toEqual(['new-host', 'forwarded']);
  });

  test('on the way is named by each computer’s own word', async () => {
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    const hop = await FakeServer.create();
    const claimed = await other.ask(await phone.login({ servers: [hop], host: { name: 'bastion', port: 22 } }));
    await until('waiting', () => phone.waits(claimed));
    await phone.tab.engine.decide(claimed, 'approve');
    const options = { servers: [hop, phone.server] };
    const forwarded = await phone.asked(options);
    expect(phone.view(forwarded)).toMatchObject({ hops: [{ name: null }] });
    const own = await phone.asked({ servers: [hop], host: { name: 'jump', port: 22 } });
    await phone.tab.engine.decide(own, 'approve');
    expect(phone.view(forwarded)).toMatchObject({ hops: [{ name: 'jump' }] });
  });
});
