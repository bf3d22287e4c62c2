/** A daemon, a real relay, and an account's phones: who may decide is what the chain says. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ChainState, parseChainFile, parseLinkHash } from '@palmkey/chain';
import { encodeDeviceFacts } from '@palmkey/core/account';
import { type DeviceId, equal, PalmkeyError, toHex } from '@palmkey/envelope';
import { type Relay, startRelay } from '@palmkey/relay';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlClient } from '../control/client.ts';
import type { StatusFact } from '../control/protocol.ts';
import { startRenewingHost } from '../renewing-host.ts';
import { startHost } from '../start-host.ts';
import { AccountStage } from '../testing/account-stage.ts';
import { TestAccount } from '../testing/test-account.ts';
import { peerOf, TestPhone } from '../testing/test-phone.ts';
import { accountLog, exportedChain } from './chain-log.ts';

let stage: AccountStage;
let relay: Relay;
/** The relay's file. */
let store: string;
let phone: TestPhone;
const drained: Promise<void>[] = [];
afterAll(() => Promise.all(drained));

async function openRelay(port = 0): Promise<Relay> {
  const logger = pino({ level: 'silent' });
  return startRelay({ host: '127.0.0.1', port, origins: [], admission: 'open', store, logger });
}

beforeEach(async () => {
  stage = new AccountStage();
  store = stage.folder.at('relay.sqlite');
  relay = await openRelay();
  phone = new TestPhone();
  await stage.begin(relay.url);
  await pair(phone);
});
afterEach(async () => {
  await stage.close();
  // A relay drains what it was asked for longer than a test need wait.
  drained.push(relay.close());
  stage.folder[Symbol.dispose]();
});

async function pair(other: TestPhone): Promise<void> {
  await stage.pair(other);
  await arrive(other);
}

/** Connects, and says so. */
async function arrive(other: TestPhone, to = 4): Promise<void> {
  await stage.connect(other, relay.url);
  await stage.greet(other, to);
}

/** Ends the relay, and keeps a copy of its store by that name. */
async function stopRelay(copy: string): Promise<string> {
  await relay.close();
  for (const part of ['', '-wal'].filter((each) => existsSync(`${store}${each}`))) {
    cpSync(`${store}${part}`, stage.folder.at(`${copy}.sqlite${part}`));
  }
  return stage.folder.at(`${copy}.sqlite`);
}

/** Starts it at the same address, on that store; the phone is connected to it. */
async function startAgain(on = store): Promise<void> {
  store = on;
  relay = await openRelay(Number(new URL(relay.url).port));
  phone.client.reconnectNow();
  await phone.client.connected();
}

/** The phone's account, and this computer in it. */
async function enlisted(): Promise<TestAccount> {
  const account = await TestAccount.begin(phone);
  await account.enlist(stage.host);
  await stage.until((status) => status.account?.current === true);
  return account;
}

const log = async () =>
  (await stage.client.call('log', { limit: 100 })).map(({ kind, phone, by }) => [kind, phone, by]);
const names = (status: StatusFact) => status.phones.map(({ name, inAccount }) => [name, inAccount]);
const codeOf = (call: Promise<unknown>) =>
  call.then(() => 'done').catch((error: unknown) => (error instanceof PalmkeyError ? error.code : error));

describe('a phone that wants this computer in its account', () => {
  test('gets its consent; once the link is there the computer follows the chain', async () => {
    const account = await enlisted();
    const fact = await stage.client.call('account', {});
    expect(fact).toMatchObject({
      id: toHex(account.state.account),
      relay: relay.url,
      head: { seqno: 2 },
      current: true,
      alarm: null,
      removed: null,
      devices: [
        { name: 'Pixel', kind: 'phone', self: false, addedBy: null },
        { name: 'laptop', kind: 'computer', self: true, addedBy: 'Pixel' },
      ],
    });
    expect(names(await stage.client.call('status', {}))).toEqual([['Pixel', true]]);
    expect((await log())[0]).toEqual(['enlisted', null, 'Pixel']);
  });

  test('is followed over a restart, and its log can be read without a daemon', async () => {
    await enlisted();
    await stage.restart();
    await stage.until((status) => status.account?.current === true);
    expect(accountLog(stage.at.home, 'laptop')).toMatchObject([
      { seqno: 1, type: 'eldest', by: { name: 'Pixel' }, generation: 1 },
      { seqno: 2, type: 'host', by: { name: 'Pixel' }, devices: [{ name: 'laptop' }] },
    ]);
    expect(parseChainFile(exportedChain(stage.at.home)?.text ?? '')).toHaveLength(2);
  });

  test('is answered while its relay has none of its links', async () => {
    const account = await TestAccount.local(phone);
    const offer = account.offer(stage.host);
    await phone.say(stage.host, { kind: 'enlist', account: offer.account, link: offer.link });
    expect((await phone.told('consent')).reverseSig).not.toBeNull();
  });

  test('that speaks version 3 is not answered, and goes on as before', async () => {
    await arrive(phone, 3);
    const account = await TestAccount.begin(phone);
    const offer = account.offer(stage.host);
    await phone.say(stage.host, { kind: 'enlist', account: offer.account, link: offer.link });
    await phone.say(stage.host, phone.here({ name: 'Pocket' }));
    await stage.until(({ phones }) => phones[0]?.name === 'Pocket');
    expect(phone.heard.some(({ kind }) => kind === 'consent')).toBe(false);
  });

  test('with a link that adds another computer, or is another’s, gets a no', async () => {
    const account = await TestAccount.begin(phone);
    const other = peerOf(new TestPhone().device, 'desktop', 'asks');
    const { link } = account.offer(other);
    await phone.say(stage.host, { kind: 'enlist', account: account.state.account, link });
    expect((await phone.told('consent')).reverseSig).toBeNull();
  });

  test('of another account gets a no while this one stands', async () => {
    await enlisted();
    const other = new TestPhone('Tablet');
    await pair(other);
    const offer = (await TestAccount.local(other)).offer(stage.host);
    await other.say(stage.host, { kind: 'enlist', account: offer.account, link: offer.link });
    expect((await other.told('consent')).reverseSig).toBeNull();
  });
});

describe('in an account', () => {
  let account: TestAccount;
  beforeEach(async () => {
    account = await enlisted();
  });

  test('a phone that joins is known by its keys, and by its name once it says it', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    const id = toHex(tablet.device.id).slice(0, 8);
    expect(names(await stage.until(({ phones }) => phones.length === 2))).toEqual([
      ['Pixel', true],
      [`phone ${id}`, true],
    ]);
    await arrive(tablet);
    expect((await stage.client.call('status', {})).phones[1]).toMatchObject({
      name: 'Tablet',
      keys: [{ phone: 'Tablet' }],
    });
    expect((await log())[0]).toEqual(['joined', 'Tablet', null]);
  });

  test('a phone that was never there is known by the name that a member tells and its link promises', async () => {
    const tablet = new TestPhone('Tablet');
    const { facts, salt } = await account.add(tablet);
    const { id } = tablet.device;
    const told = { id, facts: encodeDeviceFacts(facts), salt };
    const other = encodeDeviceFacts({ kind: 'phone', name: 'Somebody' });
    await phone.say(stage.host, { kind: 'facts', devices: [{ ...told, facts: other }] });
    const stranger = new TestPhone('Stranger');
    await pair(stranger);
    await stranger.say(stage.host, { kind: 'facts', devices: [told] });
    await stranger.say(stage.host, stranger.here({ name: 'Outside' }));
    const before = await stage.until(({ phones }) => phones.some(({ name }) => name === 'Outside'));
    expect(names(before)[1]).toEqual([`phone ${toHex(id).slice(0, 8)}`, true]);
    await phone.say(stage.host, { kind: 'facts', devices: [told] });
    const status = await stage.until(({ phones }) => phones.some(({ name }) => name === 'Tablet'));
    expect(names(status)).toContainEqual(['Tablet', true]);
    expect((await stage.client.call('account', {}))?.devices.at(-1)).toMatchObject({ name: 'Tablet', kind: 'phone' });
    expect((await log())[0]).toEqual(['joined', 'Tablet', null]);
    await stage.restart();
    expect((await stage.client.call('account', {}))?.devices.at(-1)).toMatchObject({ name: 'Tablet' });
  });

  test('a phone that is taken out is gone at once, with what is open for it; the log says by whom', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await arrive(tablet);
    await account.revoke(tablet.device.id);
    expect(names(await stage.until(({ phones }) => phones.length === 1))).toEqual([['Pixel', true]]);
    expect((await log())[0]).toEqual(['revoked', 'Tablet', 'Pixel']);
    expect(accountLog(stage.at.home, 'laptop')?.at(-2)).toMatchObject({
      type: 'revoke',
      devices: [{ name: 'Tablet' }],
    });
  });

  test('a phone that was taken out while this computer was off decides nothing any more', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await arrive(tablet);
    await stage.daemon.close();
    await account.revoke(tablet.device.id);
    await stage.start();
    expect(names(await stage.until((status) => status.account?.current === true))).toEqual([['Pixel', true]]);
    expect((await log()).find(([kind]) => kind === 'revoked')).toEqual(['revoked', 'Tablet', 'Pixel']);
  });

  test('a phone that is paired alone stays as it is', async () => {
    const other = new TestPhone('Other');
    await pair(other);
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await account.revoke(tablet.device.id);
    await stage.until((status) => status.account?.head.seqno === account.state.head.seqno);
    expect(names(await stage.client.call('status', {}))).toEqual([
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
    expect((await log()).slice(0, 2)).toEqual([
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
    expect((await log())[0]).toEqual(['removed', null, 'Pixel']);
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
    await pair(other);
    const { id } = stage.daemon.device;
    await account.revoke(id);
    await stage.until(({ account }) => account?.removed != null);
    await stage.restart();
    expect(stage.daemon.device.id).toEqual(id);
    const status = await stage.client.call('status', {});
    expect([names(status), status.account?.removed?.by]).toEqual([[['Other', false]], 'Pixel']);
  });
});

describe('the chain that the relay shows', () => {
  test('is older: nothing is opened before it is there again, nothing is asked, and it is said', async () => {
    const account = await enlisted();
    const old = await stopRelay('old');
    await startAgain();
    await account.add(new TestPhone('Tablet'));
    await stage.until((status) => status.account?.head.seqno === 4);
    const right = await stopRelay('right');
    await startAgain(old);
    const status = await stage.until((status) => status.account?.alarm != null);
    expect(status.account).toMatchObject({ head: { seqno: 4 }, alarm: { code: 'rolled-back', seqno: 4 } });
    expect((await log())[0]).toEqual(['account-refused', null, null]);
    expect(await codeOf(stage.client.call('account-leave', {}))).toBe('account-refused');
    await phone.say(stage.host, phone.here({ name: 'Pocket' }));
    await stage.client.call('account', {});
    expect((await stage.client.call('status', {})).phones[0]?.name).toBe('Pixel');
    await stopRelay('wrong');
    await startAgain(right);
    await stage.until(({ account, phones }) => account?.alarm === null && phones[0]?.name === 'Pocket');
  });

  test('is another history: nothing is opened, and it is said', async () => {
    const account = await enlisted();
    const before = account.state;
    const old = await stopRelay('old');
    await startAgain();
    await account.add(new TestPhone('Tablet'));
    await stage.until((status) => status.account?.head.seqno === 4);
    await stopRelay('right');
    await startAgain(old);
    account.state = before;
    await account.add(new TestPhone('Other'));
    const status = await stage.until((status) => status.account?.alarm?.code === 'forked');
    expect(status.account).toMatchObject({ head: { seqno: 4 }, current: false, alarm: { seqno: 4 } });
    expect(status.phones.some(({ name }) => name === 'Other')).toBe(false);
  });

  test.each([
    ['of another history is told by a phone: it is an alarm', 0, 'forked'],
    ['is newer at a phone, and kept from this computer: nothing is decided', 1, 'withheld'],
  ])('%s', async (_, further, code) => {
    const { state } = await enlisted();
    const { seqno } = state.head;
    const head = { seqno: seqno + further, hash: parseLinkHash(new Uint8Array(32).fill(9)) };
    phone.chain = new ChainState({ ...state.parts, head });
    await phone.say(stage.host, phone.here({ name: 'Pocket' }));
    const status = await stage.until(({ account }) => account?.alarm != null);
    expect([status.account?.alarm?.code, status.phones[0]?.name]).toEqual([code, 'Pixel']);
    // No answer of the relay takes a phone's word back. Who wants to leave may.
    expect(await stage.client.call('account', {})).toMatchObject({ current: false, alarm: { code } });
    expect(await codeOf(stage.client.call('account-leave', {}))).toBe('done');
  });

  test('is not there: mail waits until it is, and nobody is asked before', async () => {
    await enlisted();
    const { port } = relay;
    await relay.close();
    await stage.until((status) => status.account?.current === false);
    relay = await openRelay(port);
    expect((await stage.until((status) => status.account?.current === true)).account?.alarm).toBeNull();
  });

  test('is not there: this computer cannot leave, and its only phone stays', async () => {
    await enlisted();
    const { port } = relay;
    await relay.close();
    await stage.until((status) => status.account?.current === false);
    for (const call of [stage.client.call('unpair', { phone: 'Pixel' }), stage.client.call('account-leave', {})]) {
      await expect(call).rejects.toMatchObject({ code: 'account-relay-away', detail: { relay: relay.url } });
    }
    expect(names(await stage.client.call('status', {}))).toEqual([['Pixel', true]]);
    relay = await openRelay(port);
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
