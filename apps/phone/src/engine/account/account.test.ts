import { replay } from '@palmkey/chain';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { fromHex, parseDeviceId, parseSignature, toHex } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../store/memory-store.ts';
import { TABLES } from '../../store/schema.ts';
import { FakeBrowser, until } from '../testing/fake-browser.ts';
import { PairedPhone } from '../testing/paired-phone.ts';
import { accountNameOf } from './account-name.ts';

async function firstRun(browser: FakeBrowser, deviceName = 'Pixel') {
  const tab = browser.open();
  await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
  await tab.engine.createAccountKey({ deviceName, keyName: 'Work' });
  return tab;
}

/** What the browser's store holds. */
function kept(browser: FakeBrowser) {
  return new MemoryStore(browser.tables).transact('read', TABLES, async (transaction) => ({
    account: await transaction.get('account', 'account'),
    links: await transaction.all('links'),
    facts: await transaction.all('facts'),
  }));
}

describe('an account', () => {
  test('is begun in the first run without a relay, and is the same after a reload', async () => {
    const browser = new FakeBrowser();
    browser.relay().goDown();
    const tab = await firstRun(browser);
    const { account } = tab.engine.getSnapshot();
    expect(account).toMatchObject({
      relay: null, head: { seqno: 1 }, hasWords: false, alarm: null, removed: null, outside: [],
      devices: [{ name: 'Pixel', kind: 'phone', self: true, addedBy: null, revoked: null }],
    }); // prettier-ignore
    const { links } = await kept(browser);
    const signed = links.map(({ json, signature }) => ({ json, signature: parseSignature(signature) }));
    const state = await replay({ ...webPrimitives, sha256 }, signed, null);
    expect(toHex(state.account)).toBe(account?.id);
    expect(state.standingOf(parseDeviceId(fromHex(account?.devices[0]?.id ?? '')))).toBe('active');
    tab.engine.close();
    const again = browser.open();
    await until('ready', () => again.engine.getSnapshot().phase.is === 'ready');
    expect(again.engine.getSnapshot().account).toEqual(account);
  });

  test('keeps no seed of the per-user key but in its box', async () => {
    const browser = new FakeBrowser();
    const seeds: string[] = [];
    browser.onRandom = (bytes) => void seeds.push(toHex(bytes));
    await firstRun(browser);
    const { account, links } = await kept(browser);
    expect(account?.box).toHaveLength(108);
    const all = [account?.box ?? new Uint8Array(), ...links.flatMap(({ json, signature }) => [json, signature])];
    const text = all.map(toHex).join(' ');
    const known = seeds.filter((seed) => seed.length === 64);
    expect(known.length).toBeGreaterThanOrEqual(2);
    expect(known.filter((seed) => text.includes(seed))).toEqual([]);
  });

  test('of a phone from before there were accounts is begun when it is loaded, once', async () => {
    const phone = await PairedPhone.create();
    phone.tab.engine.close();
    const store = new MemoryStore(phone.browser.tables);
    phone.browser.relay().chains.forget();
    await store.transact('write', TABLES, async (transaction) => {
      await transaction.delete('account', 'account');
      for (const table of ['links', 'facts'] as const) {
        for (const { id } of await transaction.all(table)) await transaction.delete(table, id);
      }
    });
    await phone.open();
    await until('posted', () => phone.snapshot.account?.relay != null);
    const { account } = phone.snapshot;
    expect(account).toMatchObject({ head: { seqno: 1 }, devices: [{ name: 'phone', self: true }] });
    await phone.reload();
    expect(phone.snapshot.account?.id).toBe(account?.id);
  });

  test('that the store could not take leaves the first run as it was', async () => {
    const browser = new FakeBrowser();
    const tab = browser.open();
    await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
    const store = tab.store();
    if (store) store.failWrites = true;
    await expect(tab.engine.createAccountKey({ deviceName: 'Pixel', keyName: 'Work' })).rejects.toMatchObject({
      code: 'store-failed',
    });
    expect(await kept(browser)).toEqual({ account: undefined, links: [], facts: [] });
  });
});

describe('the home relay', () => {
  test('is that of the first computer, and has the chain after the phone connected', async () => {
    const phone = await PairedPhone.create();
    const relay = phone.browser.relay();
    await until('posted', () => phone.snapshot.account?.relay != null);
    expect(toHex(relay.chains.state?.account ?? new Uint8Array())).toBe(phone.snapshot.account?.id);
    expect(relay.chains.posts).toHaveLength(1);
    await phone.reload();
    await until('in step', () => phone.snapshot.account?.alarm === null);
    expect(relay.chains.posts).toHaveLength(1);
  });

  test('that lost everything is given the chain again', async () => {
    const phone = await PairedPhone.create();
    const { chains } = phone.browser.relay();
    await until('posted', () => phone.snapshot.account?.relay != null);
    chains.forget();
    await phone.reload();
    await until('posted again', () => chains.state !== null);
    expect(chains.state?.head.seqno).toBe(1);
  });

  test('whose answer to the post was lost is found to be the home on the next connection', async () => {
    const browser = new FakeBrowser();
    browser.relay().chains.losesAnswers = true;
    const phone = await PairedPhone.create(browser);
    await until('posted', () => browser.relay().chains.state !== null);
    browser.relay().chains.losesAnswers = false;
    await phone.reload();
    await until('found', () => phone.snapshot.account?.relay != null);
    expect(browser.relay().chains.posts).toHaveLength(1);
  });
});

test.each([
  ['Pixel 9', 'Pixel 9'],
  ['iPhone', 'iPhone'],
  ['X', 'X phone'],
  ['🔑', 'phone'],
  ['🔑 key', 'key'],
  ['Ada 🔑\ufe0f', 'Ada'],
  ['\u3164Ada\u3164', 'Ada'],
  ['\u0301Ada', 'Ada'],
  ['Ada’s phone', 'Ada s phone'],
  ['a  b', 'a b'],
  ['-- pad --', 'pad'],
  ['x'.repeat(64), 'x'.repeat(64)],
])('accountNameOf makes of %j the name %j', (name, made) => {
  expect(accountNameOf(name)).toBe(made);
});

test('accountNameOf finds a name that nobody has', () => {
  expect(accountNameOf('Pixel', ['pixel'])).toBe('Pixel 2');
  expect(accountNameOf('x'.repeat(64), ['x'.repeat(64)])).toBe('x'.repeat(50));
  expect(accountNameOf('P.i-x_el', ['PIXEL', 'pixel 2'])).toBe('P.i-x_el 3');
});
