import { beforeEach, describe, expect, test } from 'vitest';
import { everythingIn, shows } from '../../store/testing/everything-in.ts';
import { type FakeTab, quiet, until } from '../testing/fake-browser.ts';
import { PairedPhone } from '../testing/paired-phone.ts';

const passphrase = 'apple river stone cloud';
const other = 'four other words here';
let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.createNew();
});

const phase = (tab: FakeTab) => tab.engine.getSnapshot().phase.is;

/** The app opened anew, which shows nothing but that it is locked. */
async function shut(): Promise<FakeTab> {
  phone.tab.engine.close();
  phone.tab = phone.browser.open();
  await until('the unlock page', () => phase(phone.tab) === 'passphrase');
  return phone.tab;
}

describe('the passphrase', () => {
  test('locks what is kept; after a reload nothing is known and nothing answers before it is given', async () => {
    const { engine } = phone.tab;
    await engine.addKey('Before');
    await engine.passphrase.set(passphrase);
    await engine.addKey('After');
    expect(phone.snapshot.passphrase).toEqual({
      is: 'on',
      generation: 1,
      bare: { device: true, keys: phone.snapshot.keys.slice(0, 2).map(({ id }) => id) },
    });
    const kept = everythingIn(phone.browser.tables);
    for (const text of ['laptop', 'phone', 'Work', 'After', 'http://localhost']) expect(shows(kept, text)).toBe(false);
    // The device's two keys, and the two user keys of before.
    expect(kept.handles).toHaveLength(4);

    const login = await phone.login();
    const tab = await shut();
    expect(tab.engine.getSnapshot()).toMatchObject({
      deviceName: '',
      keys: [],
      computers: [],
      history: [],
      account: null,
    });
    const hash = await phone.host.ask(login);
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
    await expect(tab.engine.addKey('x')).rejects.toMatchObject({ code: 'not-ready' });

    expect(await tab.engine.passphrase.open('apple river stone clout')).toBe(false);
    expect(phase(tab)).toBe('passphrase');
    expect(await tab.engine.passphrase.open(passphrase)).toBe(true);
    expect(phase(tab)).toBe('ready');
    expect(phone.snapshot.keys.map(({ name }) => name)).toEqual(['Work', 'Before', 'After']);
    const asked = await phone.asked();
    await tab.engine.decide(asked, 'approve');
    expect((await phone.answer(asked)).is).toBe('approve');
  });

  test('is taken however its accents are written', async () => {
    await phone.tab.engine.passphrase.set('caf\u00e9 au lait');
    const tab = await shut();
    expect(await tab.engine.passphrase.open('cafe\u0301 au lait')).toBe(true);
  });

  test('is none that is too short or too long, and is set once', async () => {
    const { engine } = phone.tab;
    for (const unfit of ['', 'short', 'a'.repeat(1025)])
      await expect(engine.passphrase.set(unfit)).rejects.toMatchObject({ code: 'unfit-passphrase' });
    expect(phone.snapshot.passphrase).toEqual({ is: 'off' });
    await engine.passphrase.set(passphrase);
    await expect(engine.passphrase.set(other)).rejects.toMatchObject({ code: 'passphrase-standing' });
    expect(await engine.passphrase.change(passphrase, other)).toBe(true);
    await expect(engine.passphrase.change(other, 'short')).rejects.toMatchObject({ code: 'unfit-passphrase' });
    const tab = await shut();
    expect(await tab.engine.passphrase.open(other)).toBe(true);
  });

  test('is changed by who knows it, and then only the new one opens', async () => {
    const { engine } = phone.tab;
    await engine.passphrase.set(passphrase);
    await engine.addKey('After');
    expect(await engine.passphrase.change(other, other)).toBe(false);
    expect(await engine.passphrase.change(passphrase, other)).toBe(true);
    expect(phone.snapshot.passphrase).toMatchObject({ is: 'on', generation: 2 });
    // The session goes on under the new one.
    await engine.addKey('Later');
    const tab = await shut();
    expect(await tab.engine.passphrase.open(passphrase)).toBe(false);
    expect(await tab.engine.passphrase.open(other)).toBe(true);
    expect(phone.snapshot).toMatchObject({
      keys: [{ name: 'Work' }, { name: 'After' }, { name: 'Later' }],
      passphrase: { generation: 2, bare: { keys: [phone.snapshot.keys[0]?.id] } },
    });
  });

  test('is taken away by who knows it; keys that it has locked stay usable', async () => {
    const { engine } = phone.tab;
    await engine.passphrase.set(passphrase);
    await engine.addKey('After');
    expect(await engine.passphrase.remove(other)).toBe(false);
    expect(await engine.passphrase.remove(passphrase)).toBe(true);
    expect(phone.snapshot.passphrase).toEqual({ is: 'off' });
    await phone.reload();
    expect(phone.snapshot.keys.map(({ name }) => name)).toEqual(['Work', 'After']);
    expect(shows(everythingIn(phone.browser.tables), 'laptop')).toBe(true);
    expect(everythingIn(phone.browser.tables).handles).toHaveLength(4);
    // Whoever sets another one is told that those keys are as all others that were made without.
    await phone.tab.engine.passphrase.set(other);
    expect(phone.snapshot.passphrase).toMatchObject({ generation: 1, bare: { device: true, keys: { length: 2 } } });
  });

  test.each([
    ['set', false, (tab: FakeTab) => tab.engine.passphrase.set(passphrase)],
    ['changed', true, (tab: FakeTab) => tab.engine.passphrase.change(passphrase, other)],
    ['taken away', true, (tab: FakeTab) => tab.engine.passphrase.remove(passphrase)],
  ])('that cannot be %s leaves everything as it was', async (_what, before, work) => {
    if (before) await phone.tab.engine.passphrase.set(passphrase);
    const store = phone.tab.store();
    if (store === undefined) expect.unreachable();
    store.failWrites = true;
    await expect(work(phone.tab)).rejects.toMatchObject({ code: 'store-failed' });
    store.failWrites = false;
    if (!before) await phone.reload();
    else expect(await (await shut()).engine.passphrase.open(passphrase)).toBe(true);
    expect(phone.snapshot.keys.map(({ name }) => name)).toEqual(['Work']);
  });

  test('is not asked for again by a page that has it, when the answering comes back to it', async () => {
    await phone.tab.engine.passphrase.set(passphrase);
    const next = phone.browser.open();
    await quiet();
    phone.browser.clock.advance(500);
    await until('elsewhere', () => phase(next) === 'elsewhere');
    next.engine.useHere();
    await until('the unlock page', () => phase(next) === 'passphrase');
    next.close();
    await until('ready', () => phase(phone.tab) === 'ready');
    expect(phone.snapshot.keys).toHaveLength(1);
  });

  test('opens the app lock too when it is typed, and is no part of it otherwise', async () => {
    await phone.tab.engine.setLock({ code: '246810', afterMinutes: 5, biometric: false });
    await phone.tab.engine.passphrase.set(passphrase);
    phone.tab.engine.lockNow();
    await expect(phone.tab.engine.passphrase.remove(passphrase)).rejects.toMatchObject({ code: 'locked' });
    const tab = await shut();
    expect(await tab.engine.passphrase.open(passphrase)).toBe(true);
    expect(phone.snapshot.lock).toMatchObject({ is: 'on', locked: false });
    tab.engine.lockNow();
    expect(await tab.engine.unlock('246810')).toBe(true);
  });

  test('that is forgotten leaves the way to begin anew, which deletes everything', async () => {
    await phone.tab.engine.passphrase.set(passphrase);
    const tab = await shut();
    await tab.engine.beginAnew();
    expect(tab.engine.getSnapshot()).toMatchObject({ phase: { is: 'first-run' }, passphrase: { is: 'off' }, keys: [] });
    expect(everythingIn(phone.browser.tables)).toEqual({ text: '', handles: [] });
    await tab.engine.createAccountKey({ deviceName: 'phone', keyName: 'New' });
    expect(phase(tab)).toBe('ready');
  });
});

describe('the worker, while everything is locked', () => {
  test('answers nothing, not even under a permission, and says only that something asks', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve', { scope: 'server', minutes: 30 });
    await phone.answer(hash);
    const next = await phone.login();
    await phone.tab.engine.passphrase.set(passphrase);
    phone.tab.close();
    const worker = phone.browser.startWorker();
    const asked = await phone.host.ask(next);
    await worker.push(null);
    expect(phone.browser.board.now).toEqual([
      expect.objectContaining({
        tag: 'locked',
        title: 'Something asks for your key',
        hash: null,
        actions: ['open'],
        lines: [],
      }),
    ]);
    await worker.decide(asked, 'approve');
    await worker.renew();
    expect(phone.host.decisions(asked)).toEqual([]);
  });

  test('leaves an open page that is out of sight the answering: only that has the passphrase', async () => {
    await phone.tab.engine.passphrase.set(passphrase);
    await phone.tab.engine.setNotices({ shows: 'question' });
    phone.tab.show(false);
    const hash = await phone.host.ask(await phone.login());
    await phone.browser.startWorker().push(null);
    await until('taken', () => phone.host.received.includes(hash));
    expect(phase(phone.tab)).toBe('ready');
    expect(phone.browser.board.now.filter(({ tag }) => tag === 'locked')).toEqual([]);
  });
});
