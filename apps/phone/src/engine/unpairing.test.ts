import { beforeEach, describe, expect, test } from 'vitest';
import { quiet, until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';

let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.create();
});

describe('unpairing', () => {
  test('from here takes effect at once and tells the computer', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.unpair(phone.host.id);
    expect(phone.snapshot.computers).toEqual([]);
    expect(phone.snapshot.waiting).toEqual([]);
    await until('told', () => phone.host.heard.some(({ kind }) => kind === 'unpair'));
    await phone.tab.engine.decide(hash, 'approve');
    await phone.host.ask(await phone.login());
    await quiet();
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.host.decisions(hash)).toEqual([]);
    await phone.reload();
    expect(phone.snapshot.computers).toEqual([]);
  });

  test('from the computer takes effect at once', async () => {
    const hash = await phone.asked();
    await phone.host.say({ kind: 'unpair' });
    await until('gone', () => phone.snapshot.computers.length === 0);
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.line(hash)?.outcome).toBe('withdrawn');
    await phone.tab.engine.decide(hash, 'approve');
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('while the relay is down forgets the computer all the same, and tells it when the relay is back', async () => {
    const told = () => phone.host.heard.some(({ kind }) => kind === 'unpair');
    phone.browser.relay().goDown();
    await phone.tab.engine.unpair(phone.host.id);
    expect(phone.snapshot.computers).toEqual([]);
    await phone.reload();
    expect(told()).toBe(false);
    phone.host.connect();
    phone.browser.relay().comeUp();
    await until('told', told);
    // It stays connected: the relay keeps the account's chain.
    await until('kept', () => phone.browser.relay().present === 2);
    await phone.reload();
    await quiet();
    expect(phone.host.heard.filter(({ kind }) => kind === 'unpair')).toHaveLength(1);
  });
});
