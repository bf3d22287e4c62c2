import {
  ChainState,
  consent,
  encodeLinks,
  laterLink,
  parseFactsHash,
  parseLinkHash,
  placeFollowing,
  signLink,
} from '@palmkey/chain';
import { checkMove, parseMove, signMove } from '@palmkey/core/account';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { publicDevice } from '@palmkey/core/devices';
import { toHex } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import type { AccountView } from '../../model/account-view.ts';
import { FakeBrowser, type FakeTab, ORIGIN, quiet, until } from '../testing/fake-browser.ts';
import { newDeviceKeys } from '../testing/fake-host.ts';
import { PairedPhone } from '../testing/paired-phone.ts';

const NEW = 'https://new.example.org';

/** A phone with a computer in its account, at the first relay. */
async function atFirst() {
  const phone = await PairedPhone.create();
  phone.host.enlists = 'agrees';
  await until('posted', () => phone.snapshot.account?.relay === ORIGIN);
  await phone.host.greet({ from: 1, to: 5 });
  await until('inside', () => phone.snapshot.account?.devices.length === 2);
  return phone;
}

/** A second phone of the account, by recovery words. */
async function withSecond() {
  return withSecondOf(await atFirst());
}

async function withSecondOf(phone: PairedPhone) {
  const words = await phone.tab.engine.account.newWords();
  await phone.tab.engine.account.keepWords();
  const browser = new FakeBrowser();
  browser.relays.set(ORIGIN, phone.browser.relay());
  browser.relays.set(NEW, phone.browser.relay(NEW));
  const tab = browser.open();
  await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
  await tab.engine.joining.rejoin(words.join(' '), null);
  await tab.engine.joining.confirmRejoin('Second phone');
  await until('in step', () => accountOf(tab)?.head.seqno === phone.snapshot.account?.head.seqno);
  return { phone, browser, second: tab };
}

/** Has so many computers come into the phone's account and leave it. */
async function lengthen(phone: PairedPhone, computers: number): Promise<void> {
  const device = await phone.device();
  const { chains } = phone.browser.relay();
  const author = { ctime: phone.browser.clock.now(), signer: device.id };
  for (let n = 0; n < computers; n++) {
    const { state, links: before } = chains;
    const last = before.at(-1);
    if (state === null || last === undefined) throw new RangeError('no chain');
    const host = await newDeviceKeys();
    const { agreementKey, id, signingKey } = publicDevice(host.signer.publicKey, host.agreement.publicKey);
    const asked = { agreementKey, facts: parseFactsHash(new Uint8Array(32)), id, signingKey };
    const place = placeFollowing(sha256, last);
    const joins = await signLink(
      device.signer,
      await consent(host.signer, place, author, { type: 'host', device: asked }),
    );
    const leaves = laterLink(placeFollowing(sha256, joins), author, { type: 'revoke', body: { devices: [id] } });
    const links = encodeLinks([joins, await signLink(device.signer, leaves)]);
    await chains.post(device.id, { prev: state.head, links, boxes: [], seeds: [] });
  }
  await phone.tab.engine.account.check();
  await until('in step', () => phone.snapshot.account?.head.seqno === chains.state?.head.seqno);
}

const accountOf = (tab: FakeTab): AccountView | null => tab.engine.getSnapshot().account;
const told = (phone: PairedPhone) => phone.host.heard.filter(({ kind }) => kind === 'moved');

async function move(phone: PairedPhone, to = NEW): Promise<void> {
  await phone.tab.engine.moving.look(to, null);
  await phone.tab.engine.moving.begin();
}

describe('a relay that the account could go to', () => {
  test('is looked at before anything is moved', async () => {
    const phone = await atFirst();
    expect(await phone.tab.engine.moving.look(' new.example.org/ ', null)).toEqual({
      relay: NEW,
      hasAccount: false,
      reachesPresent: true,
    });
    await quiet();
    expect(phone.browser.relay(NEW).chains.state).toBeNull();
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test.each([
    ['what is no address', 'not an address', 'bad-address'],
    ['what others could read', 'http://new.example.org', 'bad-address'],
    ['the one where it is', ORIGIN, 'already-there'],
  ])('is not %s', async (_, typed, code) => {
    const phone = await atFirst();
    await expect(phone.tab.engine.moving.look(typed, null)).rejects.toMatchObject({ code });
    await expect(phone.tab.engine.moving.begin()).rejects.toMatchObject({ code: 'not-looked-at' });
  });

  test('may ask for an invitation', async () => {
    const phone = await atFirst();
    const relay = phone.browser.relay(NEW);
    relay.refuses = 'not-admitted';
    await expect(phone.tab.engine.moving.look(NEW, null)).rejects.toMatchObject({ code: 'not-admitted' });
    await expect(phone.tab.engine.moving.look(NEW, 'short')).rejects.toMatchObject({ code: 'length' });
  });

  test('is not there', async () => {
    const phone = await atFirst();
    phone.browser.relay(NEW).goDown();
    await expect(phone.tab.engine.moving.look(NEW, null)).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('a relay that asks who a device is', () => {
  /** A phone that has looked at one, and was not let in. */
  async function refused() {
    const phone = await atFirst();
    const relay = phone.browser.relay(NEW);
    relay.refuses = 'not-admitted';
    await expect(phone.tab.engine.moving.look(NEW, null)).rejects.toMatchObject({ code: 'not-admitted' });
    return { phone, relay };
  }

  test('is signed in at, and the move goes on after the page was left', async () => {
    const { phone, relay } = await refused();
    const form = await phone.tab.engine.moving.signIn();
    expect(form).toMatchObject({ action: `${NEW}/v1/github/start`, fields: { origin: NEW, back: ORIGIN } });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'signing-in', to: NEW });
    await phone.reload();
    await until('back', () => phone.snapshot.account?.moving.is === 'signing-in');
    expect(relay.chains.state).toBeNull();
    relay.refuses = null;
    expect(await phone.tab.engine.moving.look(NEW, null)).toMatchObject({ relay: NEW, hasAccount: false });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
    await phone.tab.engine.moving.begin();
    await until('there', () => phone.snapshot.account?.relay === NEW);
  });

  test('is still waited for while it does not let this device in, until the person gives it up', async () => {
    const { phone } = await refused();
    await phone.tab.engine.moving.signIn();
    await expect(phone.tab.engine.moving.look(NEW, null)).rejects.toMatchObject({ code: 'not-admitted' });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'signing-in', to: NEW });
    await phone.tab.engine.moving.cancel();
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
    await phone.reload();
    await until('in step', () => phone.snapshot.account?.alarm === null);
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test('is signed in at by nobody whom it would not send back to this app, nor before it was looked at', async () => {
    const { phone, relay } = await refused();
    relay.knowsApp = false;
    await expect(phone.tab.engine.moving.signIn()).rejects.toMatchObject({ code: 'wrong-origin' });
    relay.goDown();
    await expect(phone.tab.engine.moving.signIn()).rejects.toMatchObject({ code: 'not-connected' });
    await expect(phone.tab.engine.moving.look(ORIGIN, null)).rejects.toMatchObject({ code: 'already-there' });
    await expect(phone.tab.engine.moving.signIn()).rejects.toMatchObject({ code: 'not-looked-at' });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test('is waited for no longer once another member has moved the account', async () => {
    const { phone, second } = await withSecond();
    const OTHER = 'https://other.example.org';
    phone.browser.relay(OTHER).refuses = 'not-admitted';
    await expect(phone.tab.engine.moving.look(OTHER, null)).rejects.toMatchObject({ code: 'not-admitted' });
    await phone.tab.engine.moving.signIn();
    await second.engine.moving.look(NEW, null);
    await second.engine.moving.begin();
    await until('followed', () => phone.snapshot.account?.relay === NEW);
    await until('over', () => phone.snapshot.account?.moving.is !== 'signing-in');
    second.close();
  });

  test('and has let this device into another account is not moved to', async () => {
    const { phone, relay } = await refused();
    relay.refuses = null;
    relay.chains.taken = true;
    await phone.tab.engine.moving.look(NEW, null);
    await phone.tab.engine.moving.begin();
    await until('given up', () => phone.snapshot.account?.moving.is === 'failed');
    expect(phone.snapshot.account?.moving).toMatchObject({ code: 'other-account' });
  });
});

describe('a move', () => {
  test('gives the new relay the chain and the records, tells the computer, and is at home there', async () => {
    const phone = await atFirst();
    const former = phone.browser.relay();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    const { chains } = phone.browser.relay(NEW);
    expect(chains.state?.head.seqno).toBe(phone.snapshot.account?.head.seqno);
    await until('told', () => told(phone).length > 0);
    await until('copied', () => [...former.chains.records.keys()].every((name) => chains.records.has(name)));
    const [content] = told(phone);
    if (content?.kind !== 'moved' || chains.state === null) throw new Error('not told');
    expect(await checkMove(webPrimitives, chains.state, content.notice, 0)).toMatchObject({ relay: NEW, n: 1 });
    expect(phone.snapshot.account?.moving).toMatchObject({ is: 'moved', from: ORIGIN, left: [{ id: phone.host.id }] });
    await phone.reload();
    await until('in step', () => phone.snapshot.account?.alarm === null && phone.snapshot.account.relay === NEW);
  });

  test('has the former relay forget the account once the computer has spoken at the new one', async () => {
    const phone = await atFirst();
    await move(phone);
    await until('told', () => told(phone).length > 0);
    phone.host.disconnect();
    phone.host.moveTo(phone.browser.relay(NEW));
    await phone.host.greet({ from: 1, to: 5 });
    await until('seen', () => phone.snapshot.computers[0]?.relay === NEW);
    await until('forgotten', () => phone.browser.relay().forgotten === 1);
    await until('over', () => phone.snapshot.account?.moving.is === 'none');
    await phone.asked();
  });

  test('tells a computer that was away when it is back at the former relay', async () => {
    const phone = await atFirst();
    phone.host.disconnect();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    await quiet();
    expect(told(phone)).toEqual([]);
    phone.host.connect();
    await phone.host.greet({ from: 1, to: 5 });
    await until('told', () => told(phone).length > 0);
  });

  test('leaves a computer that does not know the word as it is', async () => {
    const phone = await PairedPhone.create();
    phone.host.enlists = 'agrees';
    await until('posted', () => phone.snapshot.account?.relay === ORIGIN);
    await phone.host.greet({ from: 1, to: 4 });
    await until('inside', () => phone.snapshot.account?.devices.length === 2);
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    await phone.host.greet({ from: 1, to: 4 });
    await quiet();
    expect(told(phone)).toEqual([]);
    expect(phone.snapshot.account?.moving).toMatchObject({ is: 'moved', left: [{ id: phone.host.id }] });
  });

  test('goes on after a crash, whatever step it was at', async () => {
    const phone = await atFirst();
    const relay = phone.browser.relay(NEW);
    relay.chains.fault = 'unavailable';
    await phone.tab.engine.moving.look(NEW, null).catch(() => undefined);
    relay.chains.fault = null;
    await phone.tab.engine.moving.look(NEW, null);
    relay.chains.fault = 'unavailable';
    await phone.tab.engine.moving.begin();
    await until('waits', () => {
      const moving = phone.snapshot.account?.moving;
      return moving?.is === 'moving' && moving.problem === 'unavailable';
    });
    await phone.reload();
    await until('still', () => phone.snapshot.account?.moving.is === 'moving');
    relay.chains.fault = null;
    phone.browser.clock.advance(10_000);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    expect(relay.chains.posts).toHaveLength(1);
  });

  test('can be cancelled before anybody was told, and leaves the account where it is', async () => {
    const phone = await atFirst();
    const relay = phone.browser.relay(NEW);
    await phone.tab.engine.moving.look(NEW, null);
    relay.chains.fault = 'unavailable';
    await phone.tab.engine.moving.begin();
    await until('waits', () => phone.snapshot.account?.moving.is === 'moving');
    await phone.tab.engine.moving.cancel();
    expect(phone.snapshot.account).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    relay.chains.fault = null;
    await phone.reload();
    phone.browser.clock.advance(60_000);
    await quiet();
    expect(phone.snapshot.account).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    expect(told(phone)).toEqual([]);
  });

  test('ends where the new relay has another account for this device', async () => {
    const phone = await atFirst();
    const device = phone.snapshot.account?.devices.find(({ self }) => self)?.id ?? '';
    phone.browser.relay(NEW).chains.strangers.add(device);
    await move(phone);
    await until('failed', () => phone.snapshot.account?.moving.is === 'failed');
    expect(phone.snapshot.account).toMatchObject({ relay: ORIGIN, alarm: null, moving: { code: 'other-account' } });
    phone.tab.engine.moving.dismiss();
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test('does not begin while a computer has seen a change that is not here: it would be left behind', async () => {
    const phone = await atFirst();
    const { state } = phone.browser.relay().chains;
    if (state === null) throw new RangeError('no chain');
    const head = { seqno: state.head.seqno + 1, hash: parseLinkHash(new Uint8Array(32).fill(9)) };
    phone.host.chain = new ChainState({ ...state.parts, head });
    await phone.host.greet({ from: 1, to: 5 });
    await until('alarm', () => phone.snapshot.account?.alarm?.code === 'withheld');
    await expect(move(phone)).rejects.toMatchObject({ code: 'withheld' });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test('works with the former relay gone: nobody can be told, and the names are shared anew', async () => {
    const phone = await atFirst();
    phone.browser.relay().goDown();
    expect(await phone.tab.engine.moving.look(NEW, null)).toMatchObject({ reachesPresent: false });
    await phone.tab.engine.moving.begin();
    const there = (): boolean => phone.snapshot.account?.relay === NEW;
    while (!there()) {
      await quiet(5);
      phone.browser.clock.advance(5_000);
    }
    await until('in step', () => phone.snapshot.account?.alarm === null);
    const { records } = phone.browser.relay(NEW).chains;
    await until('named', () => [...records.keys()].some((name) => name.startsWith('facts/')));
    await phone.tab.engine.moving.endFormer(false);
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
    expect(phone.browser.relay().forgotten).toBe(0);
  });

  test('to a relay that has the account already posts nothing', async () => {
    const phone = await atFirst();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    await phone.tab.engine.moving.endFormer(false);
    const { posts } = phone.browser.relay().chains;
    const before = posts.length;
    expect(await phone.tab.engine.moving.look(ORIGIN, null)).toMatchObject({ hasAccount: true });
    await phone.tab.engine.moving.begin();
    await until('back', () => phone.snapshot.account?.relay === ORIGIN);
    expect(posts).toHaveLength(before);
    await until('told', () => told(phone).length > 1);
    const numbers = told(phone).map((content) => content.kind === 'moved' && parseMove(content.notice).n);
    expect(numbers.at(-1)).toBe(2);
  });
});

describe('a member that came late to an account of more than 200 links', () => {
  /** Computers that came and went, in the account's chain. */
  async function withLate() {
    const phone = await atFirst();
    await lengthen(phone, 110);
    return withSecondOf(phone);
  }

  test('moves it: what comes before the member has no effect at the new relay until all of it is there', async () => {
    const { phone, second } = await withLate();
    const { chains } = phone.browser.relay(NEW);
    await second.engine.moving.look(NEW, null);
    await second.engine.moving.begin();
    await until('there', () => accountOf(second)?.relay === NEW);
    expect(chains.parts.length).toBeGreaterThan(1);
    expect(chains.state?.head.seqno).toBe(phone.browser.relay().chains.state?.head.seqno);
    expect(chains.state?.head.seqno).toBeGreaterThan(200);
    await until('followed', () => phone.snapshot.account?.relay === NEW);
    second.close();
  });

  test('begins the posts anew where the relay has lost what was given', async () => {
    const { phone, browser, second } = await withLate();
    const { chains } = phone.browser.relay(NEW);
    chains.losesParts = 1;
    await second.engine.moving.look(NEW, null);
    await second.engine.moving.begin();
    await until('waits', () => {
      const moving = accountOf(second)?.moving;
      return moving?.is === 'moving' && moving.problem === 'unavailable';
    });
    expect(chains.state).toBeNull();
    // The app is closed in the middle of it.
    second.close();
    const again = browser.open();
    await until('there', () => accountOf(again)?.relay === NEW);
    expect(chains.state?.head.seqno).toBeGreaterThan(200);
    again.close();
  });

  test('cannot move it to a relay that knows of no parts, and says so', async () => {
    const { phone, second } = await withLate();
    phone.browser.relay(NEW).chains.knowsParts = false;
    await second.engine.moving.look(NEW, null);
    await second.engine.moving.begin();
    await until('given up', () => accountOf(second)?.moving.is === 'failed');
    expect(accountOf(second)?.moving).toMatchObject({ code: 'joined-late' });
    second.close();
  });
});

describe('another address of the same relay', () => {
  const OTHER = 'http://127.0.0.1:7210';

  test('is known by the one connection that a device has: everything is there at once, and nothing is forgotten', async () => {
    const phone = await atFirst();
    const relay = phone.browser.relay();
    phone.browser.relays.set(OTHER, relay);
    const posts = relay.chains.posts.length;
    expect(await phone.tab.engine.moving.look(OTHER, null)).toMatchObject({
      hasAccount: true,
      reachesPresent: true,
    });
    // To look has ended the connection to the former address, which is there again.
    await until('back', () => phone.snapshot.computers[0]?.reach === 'here' || relay.present > 0);
    await phone.tab.engine.moving.begin();
    await until('there', () => phone.snapshot.account?.relay === OTHER);
    await until('settled', () => phone.snapshot.computers[0]?.relay === OTHER);
    await until('told', () => told(phone).length > 0);
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
    expect([relay.chains.posts.length, relay.forgotten]).toEqual([posts, 0]);
    await until('in step', () => phone.snapshot.account?.alarm === null);
    await phone.asked();
  });

  test('is not told to forget the account, even if it was not known for the same while that moved', async () => {
    const phone = await atFirst();
    await move(phone);
    await until('told', () => told(phone).length > 0);
    // The former address comes to lead to the new relay.
    phone.browser.relays.set(ORIGIN, phone.browser.relay(NEW));
    phone.host.disconnect();
    await phone.reload();
    await until('in step', () => phone.snapshot.account?.alarm === null);
    const ended = phone.tab.engine.moving.endFormer(true);
    await expect(ended).rejects.toMatchObject({ code: 'unreachable' });
    expect(phone.browser.relay(NEW).forgotten).toBe(0);
    await until('back', () => phone.snapshot.account?.alarm === null);
  });
});

describe('two members that move the account at once', () => {
  test('come to the same relay: the first word that stood counts', async () => {
    const { phone, browser, second } = await withSecond();
    const OTHER = 'https://other.example.org';
    browser.relays.set(OTHER, phone.browser.relay(OTHER));
    await phone.tab.engine.moving.look(NEW, null);
    await second.engine.moving.look(OTHER, null);
    await Promise.all([phone.tab.engine.moving.begin(), second.engine.moving.begin()]);
    let looks = 0;
    await until('one place', () => {
      // Whose word came second may have to try again after a pause; what is under way has its time before that.
      if (++looks % 100 === 0) for (const { clock } of [browser, phone.browser]) clock.advance(5_000);
      const at = phone.snapshot.account?.relay;
      return at !== ORIGIN && at === accountOf(second)?.relay && accountOf(second)?.moving.is !== 'moving';
    });
    second.close();
  });
});

describe('another member', () => {
  test('finds the word at the former relay, and follows', async () => {
    const { phone, browser, second } = await withSecond();
    second.close();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    const again = browser.open();
    await until('followed', () => accountOf(again)?.relay === NEW);
    await until('in step', () => accountOf(again)?.alarm === null);
    expect(again.engine.getSnapshot().computers).toMatchObject([{ id: phone.host.id }]);
    again.close();
  });

  test('that is connected meanwhile hears of it at once', async () => {
    const { phone, second } = await withSecond();
    await move(phone);
    await until('followed', () => accountOf(second)?.relay === NEW);
    await until('seen', () => phone.snapshot.account?.relay === NEW);
    second.close();
  });

  test('stays where it is while the new relay does not show the account', async () => {
    const { phone, browser, second } = await withSecond();
    second.close();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    // That relay, as this browser reaches it, has nothing.
    browser.relays.set(NEW, new FakeBrowser().relay());
    browser.relay(NEW).goDown();
    const again = browser.open();
    await until('on its way', () => accountOf(again)?.moving.is === 'following');
    expect(accountOf(again)).toMatchObject({ relay: ORIGIN, moving: { to: NEW, by: 'phone' } });
    again.close();
  });

  test('signs nothing at the former relay once the word is there', async () => {
    const { phone, browser, second } = await withSecond();
    await quiet();
    browser.relays.set(NEW, new FakeBrowser().relay());
    browser.relay(NEW).goDown();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    const seqno = phone.browser.relay().chains.state?.head.seqno;
    await expect(second.engine.account.revoke(phone.host.id)).rejects.toMatchObject({ code: 'moved' });
    expect(phone.browser.relay().chains.state?.head.seqno).toBe(seqno);
    second.close();
  });

  test('believes no word of a device that is not in the account', async () => {
    const { phone, browser, second } = await withSecond();
    second.close();
    const { chains } = phone.browser.relay();
    const { state } = chains;
    if (state === null) throw new Error('no chain');
    const stranger = await newDeviceKeys();
    const notice = await signMove(stranger, { account: state.account, relay: NEW, n: 9, head: state.head });
    // Whoever keeps the records cannot seal one either; what it puts there opens for nobody.
    const member = phone.snapshot.account?.devices.find(({ self }) => self)?.id;
    const id = state.active.find((device) => toHex(device.id) === member)?.id;
    if (id === undefined) throw new Error('no member');
    await chains.ordersOf(id).write({ name: 'move', revision: 0, bytes: notice });
    const again = browser.open();
    await until('in step', () => accountOf(again)?.head.seqno === state.head.seqno);
    await quiet();
    expect(accountOf(again)).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    again.close();
  });
});
