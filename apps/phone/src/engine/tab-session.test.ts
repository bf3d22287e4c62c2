import { expect, test } from 'vitest';
import { StoreError } from '../store/store.ts';
import { CONNECTION_LOCK } from './connection-turn.ts';
import { FakeBrowser, quiet, until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';

test('a session that cannot be opened leaves its store closed', async () => {
  const phone = await PairedPhone.create();
  phone.tab.engine.close();
  const tab = phone.browser.open();
  await until('store', () => tab.store() !== undefined);
  const store = tab.store() ?? expect.unreachable();
  store.failWrites = true;
  await until('broken', () => tab.engine.getSnapshot().phase.is === 'broken');
  await expect(store.transact('read', ['device'], (rows) => rows.all('device'))).rejects.toBeInstanceOf(StoreError);
});

test('a store that does not open again after everything was deleted is said to be broken', async () => {
  const phone = await PairedPhone.create();
  await phone.tab.engine.passphrase.set('apple river stone cloud');
  phone.tab.engine.close();
  const { engine } = phone.browser.open();
  await until('shut', () => engine.getSnapshot().phase.is === 'passphrase');
  phone.browser.storeFault = new StoreError('store-failed');
  await expect(engine.beginAnew()).rejects.toMatchObject({ code: 'store-failed' });
  expect(engine.getSnapshot().phase).toEqual({ is: 'broken', reason: 'store-failed' });
});

test('a turn that is lost and won again while a session is being opened leads to one session, with everything in it', async () => {
  const phone = await PairedPhone.create();
  phone.tab.engine.close();
  const tab = phone.browser.open();
  await until('store', () => tab.store() !== undefined);
  const first = tab.store();
  const taken = await phone.browser.locks.acquire(CONNECTION_LOCK, { steal: true });
  taken.release();
  await until('another store', () => tab.store() !== first);
  await until('ready', () => tab.engine.getSnapshot().phase.is === 'ready');
  await quiet();
  const { keys, computers, account } = tab.engine.getSnapshot();
  expect([keys.length, computers.length, account === null]).toEqual([1, 1, false]);
  phone.tab = tab;
  await until('connected', () => phone.snapshot.computers[0]?.reach !== 'connecting');
  await phone.asked();
});

test('a tab that is closed while it waits for its turn leaves the next one’s', async () => {
  const browser = new FakeBrowser();
  const other = await browser.locks.acquire(CONNECTION_LOCK, { steal: false });
  const tab = browser.open();
  await until('loading', () => tab.engine.getSnapshot().phase.is === 'loading');
  await quiet();
  other.release();
  tab.engine.close();
  const next = browser.open();
  await until('first run', () => next.engine.getSnapshot().phase.is === 'first-run');
});
