import { describe, expect, test } from 'vitest';
import { StoreError } from '../store/store.ts';
import { FakeBrowser, quiet, until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';

const names = { deviceName: 'Pixel', keyName: 'Work' };

async function ready(browser: FakeBrowser) {
  const tab = browser.open();
  await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
  await tab.engine.createAccountKey(names);
  return tab;
}

describe('the first run', () => {
  test('makes device and key, which are there after a reload', async () => {
    const browser = new FakeBrowser();
    const tab = await ready(browser);
    const { keys, deviceName, phase } = tab.engine.getSnapshot();
    expect({ phase: phase.is, deviceName, names: keys.map(({ name }) => name) }).toEqual({
      phase: 'ready', deviceName: 'Pixel', names: ['Work'],
    }); // prettier-ignore
    expect(keys[0]?.authorizedKeysLine).toMatch(/^ssh-ed25519 AAAA\S+ Work$/);
    tab.engine.close();
    const again = browser.open();
    await until('ready', () => again.engine.getSnapshot().phase.is === 'ready');
    expect(again.engine.getSnapshot().keys).toEqual(keys);
  });

  test('done twice makes one key', async () => {
    const browser = new FakeBrowser();
    const tab = await ready(browser);
    await tab.engine.createAccountKey(names);
    expect(tab.engine.getSnapshot().keys).toHaveLength(1);
  });

  test('refuses a name that cannot be shown', async () => {
    const tab = new FakeBrowser().open();
    await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
    await expect(tab.engine.createAccountKey({ ...names, keyName: ' ' })).rejects.toMatchObject({ code: 'bad-name' });
    expect(tab.engine.getSnapshot().phase.is).toBe('first-run');
  });
});

describe('a browser', () => {
  test('that lacks something is told what', async () => {
    const browser = new FakeBrowser();
    browser.missing = ['x25519'];
    const tab = browser.open();
    await until('unsupported', () => tab.engine.getSnapshot().phase.is === 'unsupported');
    expect(tab.engine.getSnapshot().phase).toEqual({ is: 'unsupported', missing: ['x25519'] });
  });

  test.each(['newer-version', 'store-failed'] as const)('whose store is %s is told so', async (code) => {
    const browser = new FakeBrowser();
    browser.storeFault = new StoreError(code);
    const tab = browser.open();
    await until('broken', () => tab.engine.getSnapshot().phase.is === 'broken');
    expect(tab.engine.getSnapshot().phase).toEqual({ is: 'broken', reason: code });
  });

  test('whose store fails later is told so, and nothing is answered', async () => {
    const phone = await PairedPhone.create();
    const hash = await phone.asked();
    const store = phone.tab.store();
    if (store) store.failWrites = true;
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'store-failed' });
    expect(phone.snapshot.phase).toEqual({ is: 'broken', reason: 'store-failed' });
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('is asked for persistence, and says what came of it', async () => {
    const browser = new FakeBrowser();
    const tab = await ready(browser);
    expect(tab.engine.getSnapshot().persistence).toBe('unknown');
    await tab.engine.requestPersistence();
    expect(tab.engine.getSnapshot().persistence).toBe('refused');
    browser.persist = true;
    await tab.engine.requestPersistence();
    expect(tab.engine.getSnapshot().persistence).toBe('granted');
  });
});

describe('a second tab', () => {
  test('is elsewhere, takes over when asked to, and the first is elsewhere then', async () => {
    const phone = await PairedPhone.create();
    const second = phone.browser.open();
    await quiet();
    expect(second.engine.getSnapshot().phase.is).toBe('loading');
    phone.browser.clock.advance(400);
    await until('elsewhere', () => second.engine.getSnapshot().phase.is === 'elsewhere');
    const hash = await phone.asked();
    second.engine.useHere();
    await until('taken over', () => second.engine.getSnapshot().phase.is === 'ready');
    expect(second.engine.getSnapshot().waiting.map((view) => view.hash)).toEqual([hash]);
    await quiet();
    phone.browser.clock.advance(400);
    await until('given up', () => phone.snapshot.phase.is === 'elsewhere');
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'not-ready' });
    await until('connected', () => second.engine.getSnapshot().computers[0]?.reach !== 'connecting');
    await second.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
  });

  test('takes its turn when the first is closed', async () => {
    const phone = await PairedPhone.create();
    const second = phone.browser.open();
    phone.tab.engine.close();
    await until('its turn', () => second.engine.getSnapshot().phase.is === 'ready');
  });
});

describe('names and keys', () => {
  test('that change are told to the computers', async () => {
    const phone = await PairedPhone.create();
    await phone.tab.engine.addKey('Home');
    const id = phone.snapshot.keys[0]?.id ?? '';
    await phone.tab.engine.renameKey(id, 'Office');
    await phone.tab.engine.renameDevice('Tablet');
    const last = () => phone.host.heard.findLast((content) => content.kind === 'here');
    await until('told', () => last()?.name === 'Tablet');
    expect(last()?.keys?.map(({ comment }) => comment)).toEqual(['Office', 'Home']);
    await phone.reload();
    expect(phone.snapshot.deviceName).toBe('Tablet');
    expect(phone.snapshot.keys.map(({ name }) => name)).toEqual(['Office', 'Home']);
  });

  test('of computers are the person’s own over what the computer says', async () => {
    const phone = await PairedPhone.create();
    await phone.host.here();
    await until('seen', () => phone.snapshot.computers[0]?.lastSeenAt !== null);
    expect(phone.snapshot.computers[0]).toMatchObject({ name: 'laptop', reach: 'here', software: 'palmkey/0.1.0' });
    await phone.tab.engine.renameComputer(phone.host.id, 'Work laptop');
    await phone.host.here();
    await phone.reload();
    expect(phone.snapshot.computers[0]?.name).toBe('Work laptop');
  });
});

describe('a computer', () => {
  test('that the relay does not reach is relay-only, and one it does not refuse is here', async () => {
    const phone = await PairedPhone.create();
    phone.browser.clock.advance(2_000);
    await until('here', () => phone.snapshot.computers[0]?.reach === 'here');
    phone.host.disconnect();
    phone.tab.wake();
    await until('absent', () => phone.snapshot.computers[0]?.reach === 'relay-only');
    phone.browser.relay().goDown();
    expect(phone.snapshot.computers[0]).toMatchObject({ reach: 'offline', problem: 'not-connected' });
    phone.browser.relay().up = true;
    phone.tab.wake();
    await until('connected', () => phone.snapshot.computers[0]?.reach === 'relay-only');
  });
});

test('exportFacts has what a person made, and no private key', async () => {
  const phone = await PairedPhone.create();
  const hash = await phone.asked();
  await phone.tab.engine.decide(hash, 'approve');
  const facts: unknown = JSON.parse(await (await phone.tab.engine.exportFacts()).text());
  expect(facts).toMatchObject({
    palmkey: 1,
    keys: [{ name: 'Work' }],
    computers: [{ name: 'laptop' }],
    pins: [{ name: 'prod.example.org', port: 22 }],
    history: [{ outcome: 'approved', hash }],
  });
});

test('keys of more types are made, told to the computers, and kept', async () => {
  const phone = await PairedPhone.create();
  await phone.tab.engine.addKey('Security desk', 'ecdsa-sha2-nistp256');
  await phone.reload();
  expect(phone.snapshot.keys.map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
  expect(phone.snapshot.keys[1]?.authorizedKeysLine).toMatch(/^ecdsa-sha2-nistp256 AAAA\S+ Security desk$/);
  const told = () => phone.host.heard.findLast((content) => content.kind === 'here')?.keys ?? [];
  await until('told', () => told().length === 2);
});

test('acknowledgeSecondWay is kept', async () => {
  const browser = new FakeBrowser();
  const tab = await ready(browser);
  await tab.engine.acknowledgeSecondWay();
  tab.engine.close();
  const again = browser.open();
  await until('ready', () => again.engine.getSnapshot().phase.is === 'ready');
  expect(again.engine.getSnapshot().secondWayAcknowledged).toBe(true);
});
