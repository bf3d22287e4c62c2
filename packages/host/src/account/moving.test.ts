/** A daemon between two real relays: where its account is, is what a member has said and the new relay shows. */
import { type Relay, startRelay } from '@palmkey/relay';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StatusFact } from '../control/protocol.ts';
import { AccountFile } from '../state/account-file.ts';
import { AccountStage } from '../testing/account-stage.ts';
import { codeOf } from '../testing/code-of.ts';
import { TestAccount } from '../testing/test-account.ts';
import { TestPhone } from '../testing/test-phone.ts';

let stage: AccountStage;
/** Where the account begins, and where it goes. */
let first: Relay;
let second: Relay;
let phone: TestPhone;
/** The same phone at the second relay. */
let there: TestPhone;
let account: TestAccount;
const drained: Promise<void>[] = [];
afterAll(() => Promise.all(drained));

async function openRelay(name: string, port = 0, origins: readonly string[] = []): Promise<Relay> {
  const logger = pino({ level: 'silent' });
  const store = stage.folder.at(`${name}.sqlite`);
  return startRelay({ host: '127.0.0.1', port, origins, admission: 'open', store, logger });
}

beforeEach(async () => {
  stage = new AccountStage();
  [first, second] = [await openRelay('first'), await openRelay('second')];
  phone = new TestPhone();
  there = new TestPhone('Pixel', phone.device);
  await stage.begin(first.url);
  await pair();
  account = await TestAccount.begin(phone);
  await account.enlist(stage.host);
  await stage.until((status) => status.account?.current === true);
}, 30_000);
afterEach(async () => {
  await stage.close();
  for (const relay of [first, second]) drained.push(relay.close());
  stage.folder[Symbol.dispose]();
});

async function pair(): Promise<void> {
  await stage.pair(phone);
  await stage.connect(phone, first.url);
  await greet(phone);
}

const greet = (who: TestPhone) => stage.greet(who, 5);
const tell = async (n = 1, by = phone, relay = second.url) =>
  phone.say(stage.host, { kind: 'moved', notice: await account.moved(by, relay, n) });
const isAt = (relay: Relay) => (status: StatusFact) => status.account?.relay === relay.url && status.account.current;
const detailOf = (call: Promise<unknown>) => call.catch((error: unknown) => error);

describe('a computer whose account moves', () => {
  test('goes to the relay that a member names, once that shows the same chain, and talks there', async () => {
    await stage.connect(there, second.url);
    await account.postAt(there);
    await tell();
    await stage.until(isAt(second));
    await there.told('here');
    await greet(there);
    const status = await stage.client.call('status', {});
    expect(status).toMatchObject({ account: { moving: null }, phones: [{ name: 'Pixel', relay: second.url }] });
    // Nobody is left at the former one, which this computer was started with.
    expect(status.relays.map(({ url }) => url)).toEqual([second.url]);
    const [newest] = await stage.client.call('log', { limit: 1 });
    expect(newest).toMatchObject({ kind: 'moved', host: second.url, by: 'Pixel' });
  });

  test('is there after a restart too, with the former relay gone', async () => {
    await stage.connect(there, second.url);
    await account.postAt(there);
    await tell();
    await stage.until(isAt(second));
    await stage.daemon.close();
    phone.leave();
    await first.close();
    await stage.start();
    await stage.until(isAt(second));
    await greet(there);
  });

  test('hears of a phone that was taken out meanwhile at the new relay, before it believes anything of it', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await stage.until((status) => status.phones.length === 2);
    await stage.connect(there, second.url);
    await account.postAt(there);
    const atSecond = account.at(there);
    await atSecond.revoke(tablet.device.id);
    await tell();
    const status = await stage.until(isAt(second));
    expect(status.phones.map(({ name }) => name)).toEqual(['Pixel']);
  });

  test('asks a phone that has not moved where it was, and goes with it when it speaks at the new one', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await stage.connect(tablet, first.url);
    await greet(tablet);
    await stage.connect(there, second.url);
    await account.postAt(there);
    await tell();
    await stage.until((status) => isAt(second)(status) && status.phones[0]?.relay === second.url);
    const relays = (status: StatusFact) => status.phones.map(({ name, relay }) => [name, relay]);
    expect(relays(await stage.client.call('status', {}))).toEqual([
      ['Pixel', second.url],
      ['Tablet', first.url],
    ]);
    await tablet.say(stage.host, tablet.here({ name: 'Slate' }));
    await stage.until(({ phones }) => phones.some(({ name }) => name === 'Slate'));
    const moved = new TestPhone('Slate', tablet.device);
    await stage.connect(moved, second.url);
    await moved.say(stage.host, { kind: 'speaks', from: 1, to: 5 });
    await moved.say(stage.host, moved.here());
    const status = await stage.until(({ phones }) => phones.every(({ relay }) => relay === second.url));
    expect(status.relays.map(({ url }) => url)).toEqual([second.url]);
  });

  test('keeps a phone that is paired alone where it is', async () => {
    const pixel = phone;
    phone = new TestPhone('Other');
    await pair();
    phone = pixel;
    await stage.connect(there, second.url);
    await account.postAt(there);
    await tell();
    const status = await stage.until((found) => isAt(second)(found) && found.phones[0]?.relay === second.url);
    expect(status.phones.map(({ name, relay }) => [name, relay])).toEqual([
      ['Pixel', second.url],
      ['Other', first.url],
    ]);
    expect(status.relays.map(({ url }) => url).toSorted()).toEqual([first.url, second.url].toSorted());
  });

  test('stays where it is while the new relay is not there, says so, and goes when it is', async () => {
    const { port } = new URL(second.url);
    await second.close();
    await tell();
    const status = await stage.until(({ account }) => account?.moving?.problem != null);
    expect(status.account).toMatchObject({
      relay: first.url,
      current: true,
      moving: { relay: second.url, problem: 'move-unreachable' },
    });
    await stage.daemon.close();
    second = await openRelay('second', Number(port));
    await stage.connect(there, second.url);
    await account.postAt(there);
    // What was told is kept over the restart.
    await stage.start();
    await stage.until(isAt(second));
  });

  test('stays where it is when whoever told it was taken out before the new relay was there', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await stage.connect(tablet, first.url);
    await greet(tablet);
    const { port } = new URL(second.url);
    await second.close();
    await tablet.say(stage.host, { kind: 'moved', notice: await account.moved(tablet, second.url) });
    await stage.until((status) => status.account?.moving?.problem != null);
    const before = account.at(there);
    await account.revoke(tablet.device.id);
    await stage.until(({ phones }) => phones.length === 1);
    second = await openRelay('second', Number(port));
    await stage.connect(there, second.url);
    await before.postAt(there);
    await stage.restart();
    const status = await stage.until((now) => now.account?.moving === null && now.account.current);
    expect(status.account).toMatchObject({ relay: first.url, moving: null });
    expect((await stage.client.call('log', { limit: 20 })).some(({ code }) => code === 'not-a-member')).toBe(true);
  });

  test('stays where it is when the new relay has none of its account', async () => {
    await tell();
    const status = await stage.until(({ account }) => account?.moving?.problem != null);
    expect(status.account).toMatchObject({ relay: first.url, current: true, moving: { problem: 'rolled-back' } });
  });

  test('stays where it is when the new relay shows an older state than the member has seen', async () => {
    await stage.connect(there, second.url);
    await account.postAt(there);
    await account.add(new TestPhone('Tablet'));
    await stage.until((status) => status.phones.length === 2);
    await tell();
    const status = await stage.until(({ account }) => account?.moving?.problem != null);
    expect(status.account).toMatchObject({ relay: first.url, current: true, moving: { problem: 'rolled-back' } });
  });
});

test('a later word that the account is where it was ends the way to the other relay', async () => {
  await tell(1);
  await stage.until(({ account }) => account?.moving?.problem != null);
  await tell(2, phone, first.url);
  await stage.until(({ account }) => account?.moving === null);
  await stage.connect(there, second.url);
  await account.postAt(there);
  // The earlier one, told again.
  await tell(1);
  await phone.say(stage.host, phone.here({ name: 'Pocket' }));
  const status = await stage.until(({ phones }) => phones[0]?.name === 'Pocket');
  expect(status.account).toMatchObject({ relay: first.url, moving: null });
});

describe('a move that is not believed', () => {
  const refused = async (notice: Uint8Array, code: string) => {
    await phone.say(stage.host, { kind: 'moved', notice });
    await phone.say(stage.host, phone.here({ name: 'Pocket' }));
    await stage.until(({ phones }) => phones.some(({ name }) => name === 'Pocket'));
    const log = await stage.client.call('log', { limit: 20 });
    expect(log.some((fact) => fact.kind === 'refused' && fact.code === code)).toBe(true);
    expect((await stage.client.call('status', {})).account).toMatchObject({ relay: first.url, moving: null });
  };

  beforeEach(async () => {
    await stage.connect(there, second.url);
    await account.postAt(there);
  });

  test('by somebody who is not in the account', async () => {
    await refused(await account.moved(new TestPhone(), second.url), 'not-a-member');
  });

  test('by a phone that was taken out', async () => {
    const tablet = new TestPhone('Tablet');
    await account.add(tablet);
    await account.revoke(tablet.device.id);
    await stage.until((status) => status.account?.head.seqno === account.state.head.seqno);
    await refused(await account.moved(tablet, second.url), 'not-a-member');
  });

  test('with a signature that is another’s', async () => {
    const notice = await account.moved(phone, second.url);
    notice.set(new Uint8Array(32).fill(9), notice.length - 64);
    await refused(notice, 'bad-signature');
  });

  test('with bytes that are none', async () => {
    await refused(new Uint8Array(100), 'bad-move');
  });

  test('that is told again after a later one, moves nothing back', async () => {
    await tell(2);
    await stage.until(isAt(second));
    await stage.connect(phone, first.url);
    const back = await account.moved(phone, first.url, 1);
    await there.say(stage.host, { kind: 'moved', notice: back });
    await there.say(stage.host, there.here({ name: 'Pocket' }));
    const status = await stage.until(({ phones }) => phones.some(({ name }) => name === 'Pocket'));
    expect(status.account).toMatchObject({ relay: second.url, moving: null });
  });

  test('by a phone that is paired and in no account', async () => {
    const pixel = phone;
    phone = new TestPhone('Other');
    await pair();
    await phone.say(stage.host, { kind: 'moved', notice: await account.moved(pixel, second.url) });
    await phone.say(stage.host, phone.here({ name: 'Pocket' }));
    const status = await stage.until(({ phones }) => phones.some(({ name }) => name === 'Pocket'));
    expect(status.account).toMatchObject({ relay: first.url, moving: null });
  });
});

describe('by hand', () => {
  test('a computer goes to a relay that shows its account, and every phone is looked for there', async () => {
    await stage.connect(there, second.url);
    await account.postAt(there);
    phone.leave();
    await first.close();
    expect(await stage.client.call('account-move', { relay: second.url })).toMatchObject({ relay: second.url });
    await greet(there);
    expect(new AccountFile(stage.at.account)).toMatchObject({ moved: { n: 0, from: first.url, isSame: false } });
    // A member's word goes on from there.
    const third = await openRelay('third');
    const further = new TestPhone('Pixel', phone.device);
    await stage.connect(further, third.url);
    await account.postAt(further);
    await there.say(stage.host, { kind: 'moved', notice: await account.moved(phone, third.url) });
    await stage.until(isAt(third));
    drained.push(third.close());
  });

  test('it stays where it is for a relay that does not have it, is not there, or is no address', async () => {
    const refusal = await detailOf(stage.client.call('account-move', { relay: second.url }));
    expect(refusal).toMatchObject({ code: 'move-refused', detail: { reason: 'rolled-back', relay: second.url } });
    const gone = second.url;
    await second.close();
    expect(await codeOf(stage.client.call('account-move', { relay: gone }))).toBe('move-unreachable');
    expect(await codeOf(stage.client.call('account-move', { relay: 'http://relay.example' }))).toBe('bad-relay');
    expect((await stage.client.call('status', {})).account).toMatchObject({ relay: first.url, moving: null });
  }, 30_000);

  test('it stays where it is for a relay that shows another history', async () => {
    await stage.connect(there, second.url);
    const other = await account.beginAt(there);
    await other.add(new TestPhone('Tablet'));
    const refusal = await detailOf(stage.client.call('account-move', { relay: second.url }));
    expect(refusal).toMatchObject({ code: 'move-refused', detail: { reason: 'forked' } });
    await tell();
    const status = await stage.until(({ account }) => account?.moving?.problem != null);
    expect(status.account).toMatchObject({ relay: first.url, current: true, moving: { problem: 'forked' } });
  });

  test('it goes from one address of a relay to another, and phones that use the former are found there', async () => {
    const { url } = first;
    const other = url.replace('127.0.0.1', 'localhost');
    await first.close();
    first = await openRelay('first', Number(new URL(url).port), [url, other]);
    await stage.until((status) => status.account?.current === true);
    await phone.client.connected();
    expect(await codeOf(stage.client.call('account-move', { relay: other }))).toBe('done');
    await stage.until(({ account, phones }) => account?.relay === other && phones[0]?.reach === 'here');
    expect(new AccountFile(stage.at.account)).toMatchObject({ moved: { from: url, isSame: true } });
    expect((await stage.client.call('status', {})).relays.map(({ url }) => url)).toEqual([other]);
  });
});
