/** A daemon, a real relay, and an account's phones: who may decide is what the chain says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { encodeDeviceFacts } from '@palmkey/core/account';
import { type DeviceId, equal, toHex } from '@palmkey/envelope';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlClient } from '../control/client.ts';
import { startRenewingHost } from '../renewing-host.ts';
import { startHost } from '../start-host.ts';
import { codeOf } from '../testing/code-of.ts';
import { HomeStage, phonesOf } from '../testing/home-stage.ts';
import type { TestAccount } from '../testing/test-account.ts';
import { TestPhone } from '../testing/test-phone.ts';
import { accountLog } from './chain-log.ts';

let stage: HomeStage;
beforeEach(async () => {
  stage = await HomeStage.open();
}, 30_000);
afterEach(() => stage.close());
afterAll(() => HomeStage.drained());

describe('in an account', () => {
  let account: TestAccount;
  beforeEach(async () => {
    account = await stage.enlisted();
  });

  test('a phone that joins is known by its keys, and by its name once it says it', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    const id = toHex(tablet.device.id).slice(0, 8);
    expect(phonesOf(await stage.until(({ phones }) => phones.length === 2))).toEqual([
      ['Pixel', true],
      [`phone ${id}`, true],
    ]);
    await stage.arrive(tablet);
    expect((await stage.client.call('status', {})).phones[1]).toMatchObject({
      name: 'Tablet',
      keys: [{ phone: 'Tablet' }],
    });
    expect((await stage.log())[0]).toEqual(['joined', 'Tablet', null]);
  });

  test('a phone that was never there is known by the name that a member tells and its link promises', async () => {
    const tablet = new TestPhone('Tablet');
    const { facts, salt } = await account.add(tablet);
    const { id } = tablet.device;
    const told = { id, facts: encodeDeviceFacts(facts), salt };
    const other = encodeDeviceFacts({ kind: 'phone', name: 'Somebody' });
    await stage.phone.say(stage.host, { kind: 'facts', devices: [{ ...told, facts: other }] });
    const stranger = new TestPhone('Stranger');
    await stage.welcome(stranger);
    await stranger.say(stage.host, { kind: 'facts', devices: [told] });
    await stranger.say(stage.host, stranger.here({ name: 'Outside' }));
    const before = await stage.until(({ phones }) => phones.some(({ name }) => name === 'Outside'));
    expect(phonesOf(before)[1]).toEqual([`phone ${toHex(id).slice(0, 8)}`, true]);
    await stage.phone.say(stage.host, { kind: 'facts', devices: [told] });
    const status = await stage.until(({ phones }) => phones.some(({ name }) => name === 'Tablet'));
    expect(phonesOf(status)).toContainEqual(['Tablet', true]);
    expect((await stage.client.call('account', {}))?.devices.at(-1)).toMatchObject({ name: 'Tablet', kind: 'phone' });
    expect((await stage.log())[0]).toEqual(['joined', 'Tablet', null]);
    await stage.restart();
    expect((await stage.client.call('account', {}))?.devices.at(-1)).toMatchObject({ name: 'Tablet' });
  });

  test('a phone that is taken out is gone at once, with what is open for it; the log says by whom', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await stage.arrive(tablet);
    await account.revoke(tablet.device.id);
    expect(phonesOf(await stage.until(({ phones }) => phones.length === 1))).toEqual([['Pixel', true]]);
    expect((await stage.log())[0]).toEqual(['revoked', 'Tablet', 'Pixel']);
    expect(accountLog(stage.at.home, 'laptop')?.at(-2)).toMatchObject({
      type: 'revoke',
      devices: [{ name: 'Tablet' }],
    });
  });

  test('a phone that was taken out while this computer was off decides nothing any more', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await stage.arrive(tablet);
    await stage.daemon.close();
    await account.revoke(tablet.device.id);
    await stage.start();
    expect(phonesOf(await stage.until((status) => status.account?.current === true))).toEqual([['Pixel', true]]);
    expect((await stage.log()).find(([kind]) => kind === 'revoked')).toEqual(['revoked', 'Tablet', 'Pixel']);
  });

  test('a phone that is paired alone stays as it is', async () => {
    const other = new TestPhone('Other');
    await stage.welcome(other);
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await account.revoke(tablet.device.id);
    await stage.until((status) => status.account?.head.seqno === account.state.head.seqno);
    expect(phonesOf(await stage.client.call('status', {}))).toEqual([
      ['Pixel', true],
      ['Other', false],
    ]);
  });

  test('one of its phones cannot be unpaired here', async () => {
    await account.add(new TestPhone('Tablet'));
    await stage.until((status) => status.phones.length === 2);
    expect(await codeOf(stage.client.call('unpair', { phone: 'Pixel' }))).toBe('in-account');
    expect((await stage.client.call('status', {})).phones).toHaveLength(2);
  });

  test('unpairing its only phone takes this computer out of it', async () => {
    expect(await stage.client.call('unpair', { phone: 'Pixel' })).toEqual({ name: 'Pixel', told: true });
    expect(await stage.client.call('status', {})).toMatchObject({ phones: [], account: { removed: { by: null } } });
  });

  test('this computer leaves it, and has no phone of it then', async () => {
    expect(await codeOf(stage.client.call('account-leave', {}))).toBe('done');
    const status = await stage.client.call('status', {});
    expect(status).toMatchObject({ phones: [], account: { removed: { by: null } } });
    expect((await stage.log()).slice(0, 2)).toEqual([
      ['removed', null, null],
      ['enlisted', null, 'Pixel'],
    ]);
    expect(await codeOf(stage.client.call('account-leave', {}))).toBe('not-in-account');
  });

  test('this computer is taken out: it knows by whom, and begins anew with new keys at the next start', async () => {
    const { id } = stage.daemon.device;
    await account.revoke(id);
    const status = await stage.until(({ account }) => account?.removed != null);
    expect(status).toMatchObject({ phones: [], account: { removed: { by: 'Pixel' } } });
    expect((await stage.log())[0]).toEqual(['removed', null, 'Pixel']);
    await stage.restart();
    expect(stage.daemon.device.id).not.toEqual(id);
    expect(await stage.client.call('status', {})).toMatchObject({ phones: [], account: null });
  });

  test('this computer begins anew by itself, and who asks meanwhile is answered by the new one', async () => {
    await stage.daemon.close();
    const introduced: DeviceId[] = [];
    stage.daemon = await startRenewingHost(stage.options, ({ id }) => {
      introduced.push(id);
      return Promise.resolve();
    });
    const renewing = stage.daemon;
    stage.closing.push(() => renewing.close());
    stage.client = await ControlClient.connect(stage.at.controlSocket);
    await stage.until((status) => status.account?.current === true);
    const { id } = stage.daemon.device;
    const renewed = new Promise<void>((resolve) => {
      stage.daemon.onChange(() => {
        if (!equal(renewing.device.id, id)) resolve();
      });
    });
    expect(await stage.client.call('unpair', { phone: 'Pixel' })).toMatchObject({ told: true });
    const next = await ControlClient.connect(stage.at.controlSocket);
    expect((await next.call('status', {})).phones).toEqual([]);
    await renewed;
    expect(await codeOf(stage.client.call('status', {}))).toBe('disconnected');
    const last = await ControlClient.connect(stage.at.controlSocket);
    expect(await last.call('status', {})).toMatchObject({ phones: [], account: null });
    expect(introduced).toEqual([id, renewing.device.id]);
  });

  test('this computer is taken out, and keeps its keys for a phone that is paired alone', async () => {
    const other = new TestPhone('Other');
    await stage.welcome(other);
    const { id } = stage.daemon.device;
    await account.revoke(id);
    await stage.until(({ account }) => account?.removed != null);
    await stage.restart();
    expect(stage.daemon.device.id).toEqual(id);
    const status = await stage.client.call('status', {});
    expect([phonesOf(status), status.account?.removed?.by]).toEqual([[['Other', false]], 'Pixel']);
  });
});

test.each([
  ['newer-state', JSON.stringify({ v: 3 })],
  ['state-broken', '{'],
])('a daemon does not start on an account file that is %s', async (code, text) => {
  await stage.daemon.close();
  writeFileSync(stage.at.account, text, { mode: 0o600 });
  expect(await codeOf(startHost(stage.options))).toBe(code);
  expect(readFileSync(stage.at.account, 'utf8')).toBe(text);
});
