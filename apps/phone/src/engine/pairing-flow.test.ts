import { webPrimitives } from '@palmkey/core/crypto';
import type { KeyAgreement } from '@palmkey/core/crypto';
import { pairingUrl } from '@palmkey/core/pairing';
import type { PairingLink } from '@palmkey/core/pairing';
import { toHex } from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PairingView } from '../model/model.ts';
import type { FakeTab } from './testing/fake-browser.ts';
import { FakeBrowser, ORIGIN, quiet, until } from './testing/fake-browser.ts';
import { FakeHost } from './testing/fake-host.ts';

const names = { deviceName: 'Pixel', keyName: 'Work' };
let browser: FakeBrowser;
let notes: Map<string, string>;
let tab: FakeTab;
let host: FakeHost;
let agreement: KeyAgreement;
let link: PairingLink;

beforeEach(async () => {
  browser = new FakeBrowser();
  notes = new Map();
  tab = browser.open(notes);
  await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
  await tab.engine.createAccountKey(names);
  host = await FakeHost.create(browser.relay(), browser.clock);
  agreement = await webPrimitives.generateAgreement();
  link = { relay: ORIGIN, sessionKey: agreement.publicKey, hostName: host.name };
});

const view = (): PairingView => tab.engine.getSnapshot().pairing;
const shownCode = async (): Promise<string> => {
  await until('the code', () => view().is === 'code');
  const shown = view();
  return shown.is === 'code' ? shown.code : '';
};
const failure = async (): Promise<string> => {
  await until('a failure', () => view().is === 'failed');
  const shown = view();
  return shown.is === 'failed' ? shown.code : '';
};
const pairHost = (onCode: (attempt: number) => Promise<string>) =>
  host.pair(link, agreement, browser.clock, { onCode: (attempt) => onCode(attempt) });

describe('a pairing', () => {
  test('shows the code, ends with the computer, and talks at once', async () => {
    const record = pairHost(shownCode);
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    expect(view()).toEqual({ is: 'connecting', hostName: 'laptop' });
    const { peer, userKeys } = await record;
    host.connect();
    await until('paired', () => view().is === 'paired');
    expect(view()).toMatchObject({ is: 'paired', computer: { id: host.id, name: 'laptop' } });
    expect(userKeys?.map(({ comment }) => comment)).toEqual(['Work']);
    await host.here();
    await until('seen', () => tab.engine.getSnapshot().computers[0]?.reach === 'here');
    expect(browser.relay().has(peer.id)).toBe(true);
    // The rendezvous admitted this device.
    expect(browser.relay().grants).toHaveLength(1);
    tab.engine.dismissPairing();
    expect(view()).toEqual({ is: 'none' });
  });

  test('is there after a reload, and its link begins nothing anew', async () => {
    const record = pairHost(shownCode);
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await record;
    await until('paired', () => view().is === 'paired');
    tab.engine.close();
    tab = browser.open(notes);
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await until('ready', () => tab.engine.getSnapshot().phase.is === 'ready');
    await until('said', () => view().is === 'failed');
    expect(view()).toMatchObject({ code: 'link-expired' });
    expect(tab.engine.getSnapshot().computers.map(({ id }) => id)).toEqual([host.id]);
  });

  test('through a relay of another origin asks first', async () => {
    const relay = 'https://relay.example.org';
    link = { ...link, relay };
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    expect(view()).toEqual({ is: 'confirm-relay', relay, hostName: 'laptop' });
    await quiet();
    expect(browser.relays.has(relay)).toBe(false);
    tab.engine.confirmLink();
    expect(view().is).toBe('connecting');
    expect(browser.relays.has(relay)).toBe(true);
  });

  test('of a link that was followed to this page asks first, and answers nothing before', async () => {
    const { relay } = link;
    let asked = 0;
    const record = pairHost(() => {
      asked += 1;
      return shownCode();
    });
    tab.engine.openLink(pairingUrl(ORIGIN, link), { followed: true });
    expect(view()).toEqual({ is: 'confirm-link', hostName: 'laptop' });
    await quiet();
    expect([asked, browser.relays.get(relay)?.grants]).toEqual([0, []]);
    tab.engine.confirmLink();
    await record;
    await until('paired', () => view().is === 'paired');
  });

  test('of a link that was followed to this page and not confirmed comes to nothing', async () => {
    tab.engine.openLink(pairingUrl(ORIGIN, link), { followed: true });
    tab.engine.cancelPairing();
    tab.engine.confirmLink();
    await quiet();
    expect(view()).toEqual({ is: 'none' });
    expect(browser.relay().grants).toEqual([]);
  });

  test('of a link opened before the first run begins after it', async () => {
    const fresh = new FakeBrowser();
    browser = fresh;
    host = await FakeHost.create(fresh.relay(), fresh.clock);
    tab = fresh.open();
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
    const record = pairHost(shownCode);
    await tab.engine.createAccountKey(names);
    await record;
    await until('paired', () => view().is === 'paired');
  });

  test('with a computer that this phone still knows takes its place', async () => {
    for (let round = 0; round < 2; round++) {
      agreement = await webPrimitives.generateAgreement();
      link = { ...link, sessionKey: agreement.publicKey };
      const record = pairHost(shownCode);
      tab.engine.openLink(pairingUrl(ORIGIN, link));
      await record;
      await until('paired', () => view().is === 'paired');
      await tab.engine.renameComputer(host.id, 'mine');
    }
    expect(tab.engine.getSnapshot().computers.map(({ name }) => name)).toEqual(['mine']);
  });
});

describe('a pairing that fails', () => {
  test.each(['', 'hello', 'https://example.org/pair#AAAA', 'https://example.org/', '#%%%'])(
    'for the link %j says bad-link',
    (text) => {
      tab.engine.openLink(text);
      expect(view()).toMatchObject({ is: 'failed', hostName: null });
    },
  );

  test('says when nobody answers', async () => {
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await quiet();
    browser.clock.advance(20_000);
    expect(await failure()).toBe('no-answer');
    // The host takes one hello for a link.
    tab.engine.dismissPairing();
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    expect(await failure()).toBe('link-expired');
    // Nothing keeps the relay's connection.
    await until('closed', () => !browser.relay().carried.some(({ to }) => toHex(to) === host.id));
    expect(tab.engine.getSnapshot().computers).toEqual([]);
  });

  test('for want of a relay says so, and the same link may be tried again', async () => {
    browser.rendezvousReachable = false;
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await quiet();
    browser.clock.advance(20_000);
    expect(await failure()).toBe('not-connected');
    browser.rendezvousReachable = true;
    const record = pairHost(shownCode);
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await record;
    await until('paired', () => view().is === 'paired');
  });

  test('because it could not be stored keeps nothing, and the phone says that its store failed', async () => {
    const refused = pairHost(async () => {
      const code = await shownCode();
      const store = tab.store();
      if (store) store.failWrites = true;
      return code;
    });
    const gaveUp = expect(refused).rejects.toMatchObject({ code: 'timed-out' });
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    expect(await failure()).toBe('store-failed');
    browser.clock.advance(20_000);
    await gaveUp;
    expect(tab.engine.getSnapshot().computers).toEqual([]);
  });

  test('says what the computer gave as its reason', async () => {
    const refused = pairHost(async () => {
      const code = await shownCode();
      return code === '000000' ? '000001' : '000000';
    });
    const gaveUp = expect(refused).rejects.toMatchObject({ code: 'wrong-code' });
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await gaveUp;
    expect(await failure()).toBe('wrong-code');
    expect(tab.engine.getSnapshot().computers).toEqual([]);
  });

  test('because the person cancels tells the computer', async () => {
    const refused = pairHost(async () => {
      await shownCode();
      tab.engine.cancelPairing();
      return new Promise<string>(() => undefined);
    });
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await expect(refused).rejects.toMatchObject({ code: 'peer-aborted', reason: 'cancelled' });
    expect(view()).toEqual({ is: 'none' });
  });

  test('because the page is reloaded says interrupted, tells the computer, and does not begin again', async () => {
    const refused = pairHost(async () => {
      await shownCode();
      tab.leave();
      return new Promise<string>(() => undefined);
    });
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    await expect(refused).rejects.toMatchObject({ code: 'peer-aborted' });
    tab.engine.close();
    tab = browser.open(notes);
    tab.engine.openLink(pairingUrl(ORIGIN, link));
    expect(await failure()).toBe('interrupted');
    tab.engine.dismissPairing();
    expect(view()).toEqual({ is: 'none' });
    tab.engine.close();
    tab = browser.open(notes);
    await until('ready', () => tab.engine.getSnapshot().phase.is === 'ready');
    expect(view()).toEqual({ is: 'none' });
  });
});
