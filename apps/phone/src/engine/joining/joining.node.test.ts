/**
 * `.node.test.ts`: two apps, each with its own browser, and a relay that runs in this process. In one file, although it is
 * long, since every case plays on the same stage.
 */
import { webPrimitives } from '@palmkey/core/crypto';
import { codeRendezvous, joinUrl, parseJoinUrl } from '@palmkey/core/provisioning';
import { type Scrypt, wasmScrypt } from '@palmkey/core/scrypt';
import { parseRendezvousSender, RelayError } from '@palmkey/envelope';
import { type Fetch, fetchLinks, HttpRouter, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../../../../packages/relay/src/testing/test-relay.ts';
import type { JoiningView, LettingInView } from '../../model/account-view.ts';
import type { PhoneSnapshot } from '../../model/model.ts';
import type { PhoneEngine } from '../phone-engine.ts';
import type { ChainOrders, RelayLink } from '../ports.ts';
import { everythingIn, shows } from '../../store/testing/everything-in.ts';
import { FakeBrowser, type FakeTab } from '../testing/fake-browser.ts';
import { webClock } from '../web-clock.ts';
import { connectRelay } from '../web-ports.ts';

const passphrase = 'apple river stone cloud';

/** No case here is about the cost of words, which `over-relay.node.test.ts` pays in full. */
const cheapScrypt: Scrypt = (password, salt, cost, outBytes) =>
  wasmScrypt(password, salt, Math.min(cost, 2 ** 10), outBytes);

/** A network that can be lost: what is under way breaks off, and what is tried meanwhile fails. */
class LossyNetwork {
  #underWay = new AbortController();
  #onFailed: (() => void) | null = null;

  readonly fetch: Fetch = async (url, init) => {
    if (this.#onFailed === null) {
      return fetch(url, { ...init, signal: AbortSignal.any([this.#underWay.signal, init.signal]) });
    }
    this.#onFailed();
    throw new TypeError('no network');
  };

  /** Is lost until so many requests have been tried in vain. */
  async lose(tries: number): Promise<void> {
    await new Promise<void>((resolve) => {
      let left = tries;
      this.#onFailed = () => {
        left -= 1;
        if (left === 0) resolve();
      };
      this.#underWay.abort();
    });
    this.#onFailed = null;
    this.#underWay = new AbortController();
  }
}

/** A browser whose app came from this relay, and reaches it. */
function browserAt(relay: string, meetBy: Fetch = fetch): FakeBrowser {
  const browser = new FakeBrowser();
  browser.origin = relay;
  browser.network = {
    clock: webClock,
    scrypt: cheapScrypt,
    connectRelay: (origin, device, grant, outbox) => connectRelay(nodeSockets, origin, device, grant, outbox),
    fetchLinks: (origin, account, after, signal) =>
      fetchLinks({ relay: origin, account, after, fetch, timers: systemTimers, signal }),
    meetAt: (origin) =>
      new HttpRouter({
        relay: origin,
        fetch: meetBy,
        timers: systemTimers,
        random: (length) => webPrimitives.randomBytes(length),
      }),
  };
  return browser;
}

function opened(browser: FakeBrowser): FakeTab {
  const tab = browser.open();
  onTestFinished(() => tab.close());
  return tab;
}

/** Resolves when the snapshot is so. Listens: nothing is asked again and again. */
function when<T>(engine: PhoneEngine, look: (snapshot: PhoneSnapshot) => T | null | undefined | false): Promise<T> {
  return new Promise((resolve) => {
    let stop = (): void => undefined;
    const check = (): void => {
      const found = look(engine.getSnapshot());
      if (found === null || found === undefined || found === false) return;
      stop();
      resolve(found);
    };
    stop = engine.subscribe(check);
    check();
  });
}

type Of<View, Is> = Extract<View, { is: Is }>;

const lettingIn = <Is extends LettingInView['is']>(engine: PhoneEngine, is: Is) =>
  when(engine, ({ lettingIn: view }) => (view.is === is ? (view as Of<LettingInView, Is>) : null));
const joining = <Is extends JoiningView['is']>(engine: PhoneEngine, is: Is) =>
  when(engine, ({ joining: view }) => (view.is === is ? (view as Of<JoiningView, Is>) : null));
const phase = (engine: PhoneEngine, is: PhoneSnapshot['phase']['is']) => when(engine, (each) => each.phase.is === is);

/** X, with an account and no computer, and Y, without anything, at one relay. */
async function stage(postsPerMinute = 2_000, meetXBy: Fetch = fetch) {
  const relay = await testRelay({ admission: 'open', rates: { postsPerMinute } });
  onTestFinished(() => relay.close());
  const [atX, atY] = [browserAt(relay.url, meetXBy), browserAt(relay.url)];
  const [tabX, tabY] = [opened(atX), opened(atY)];
  const [x, y] = [tabX.engine, tabY.engine];
  await Promise.all([phase(x, 'first-run'), phase(y, 'first-run')]);
  await x.createAccountKey({ deviceName: 'First phone', keyName: 'First phone' });
  return { relay, atX, atY, tabX, tabY, x, y };
}

/** The persons do what is asked of them: Y is named, the codes are the same, X says yes. */
async function agree(x: PhoneEngine, y: PhoneEngine, name = 'Second phone'): Promise<void> {
  await joining(y, 'naming');
  y.joining.nameDevice(name);
  const asked = await lettingIn(x, 'asking');
  expect((await joining(y, 'code')).code).toBe(asked.code);
  expect([asked.name, asked.kind]).toEqual([name, 'phone']);
  x.joining.answerNewcomer(true);
}

async function expectJoined(x: PhoneEngine, y: PhoneEngine, name = 'Second phone'): Promise<void> {
  expect(await lettingIn(x, 'done')).toEqual({ is: 'done', name });
  await joining(y, 'done');
  await phase(y, 'ready');
  const mine = await when(y, ({ account }) => account);
  const others = await when(x, ({ account }) => (account?.head.seqno === mine.head.seqno ? account : null));
  expect([mine.id, mine.head, mine.relay]).toEqual([others.id, others.head, others.relay]);
  expect(mine.devices).toHaveLength(2);
  expect(y.getSnapshot()).toMatchObject({ deviceName: name, keys: [{ name, exportable: false }] });
}

/** Both sides fail, each with its own code at its step. */
async function expectFailed(x: PhoneEngine, y: PhoneEngine, atX: string, atY: string): Promise<void> {
  const [left, right] = await Promise.all([lettingIn(x, 'failed'), joining(y, 'failed')]);
  expect([`${left.code} @ ${left.step}`, `${right.code} @ ${right.step}`]).toEqual([atX, atY]);
  expect(y.getSnapshot().phase).toEqual({ is: 'first-run' });
}

describe('a new device joins', () => {
  test.each([
    ['a number and three words', 'kex3', 'words'],
    ['the QR code beside them', 'kex3', 'link'],
    ['eight words', 'kex2-v1', 'words'],
    ['the QR code of eight words', 'kex2-v1', 'link'],
    ['the QR code of nine words', 'kex2-v2', 'link'],
  ] as const)('by %s, shown by the device that it had', async (_what, suite, entered) => {
    const { x, y } = await stage();
    x.joining.letDeviceIn(suite);
    const shown = await lettingIn(x, 'showing');
    expect(shown.suite).toBe(suite);
    y.joining.join(shown[entered] ?? '');
    await agree(x, y);
    await expectJoined(x, y);
  });

  test.each(['words', 'link'] as const)('by the %s that it shows itself', async (entered) => {
    const { x, y } = await stage();
    y.joining.showSecret();
    const shown = await joining(y, 'showing');
    expect(parseJoinUrl(shown.link).shownBy).toEqual({ side: 'y' });
    x.joining.enterSecret(shown[entered]);
    await agree(x, y);
    await expectJoined(x, y);
  });

  test.each(['words', 'link'] as const)(
    'by the %s of one that was without a network since it showed them',
    async (by) => {
      const network = new LossyNetwork();
      const { x, y } = await stage(undefined, network.fetch);
      x.joining.letDeviceIn('kex3');
      const shown = await lettingIn(x, 'showing');
      await network.lose(4);
      expect(x.getSnapshot().lettingIn).toEqual(shown);
      y.joining.join(shown[by] ?? '');
      await agree(x, y);
      await expectJoined(x, y);
    },
  );

  test('and then lets another one in', async () => {
    const { relay, x, y } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
    const z = opened(browserAt(relay.url)).engine;
    await phase(z, 'first-run');
    y.joining.letDeviceIn('kex3');
    z.joining.join((await lettingIn(y, 'showing')).words ?? '');
    await agree(y, z, 'Third phone');
    expect(await lettingIn(y, 'done')).toEqual({ is: 'done', name: 'Third phone' });
    await phase(z, 'ready');
    const all = await when(x, ({ account }) => (account?.devices.length === 3 ? account : null));
    expect(all.head).toEqual(z.getSnapshot().account?.head);
  });

  test('while the app of the one that it had is locked for a moment, which shows nothing of it then', async () => {
    const { x, y } = await stage();
    await x.setLock({ code: '493817', afterMinutes: 5, biometric: false });
    x.joining.letDeviceIn('kex3');
    const { link } = await lettingIn(x, 'showing');
    x.lockNow();
    expect(x.getSnapshot().lettingIn).toEqual({ is: 'none' });
    y.joining.join(link);
    await joining(y, 'naming');
    y.joining.nameDevice('Second phone');
    await joining(y, 'code');
    x.joining.answerNewcomer(true);
    expect(await x.unlock('493817')).toBe(true);
    await lettingIn(x, 'asking');
    x.joining.answerNewcomer(true);
    await expectJoined(x, y);
    expect(x.getSnapshot().account?.devices.map(({ name }) => name)).toEqual(['First phone', 'Second phone']);
  });

  test('and opens with the passphrase of the one that it had, which nobody has typed on it', async () => {
    const { x, y, atY, tabY } = await stage();
    await x.passphrase.set(passphrase);
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
    expect(y.getSnapshot().passphrase).toEqual({ is: 'on', generation: 1, bare: { device: false, keys: [] } });
    const kept = everythingIn(atY.tables);
    expect([kept.handles, shows(kept, 'Second phone'), shows(kept, 'http://')]).toEqual([[], false, false]);
    // From here on each has its own.
    expect(await x.passphrase.change(passphrase, 'four other words here')).toBe(true);
    tabY.close();
    const again = opened(atY).engine;
    await phase(again, 'passphrase');
    expect(await again.passphrase.open('four other words here')).toBe(false);
    expect(await again.passphrase.open(passphrase)).toBe(true);
    await when(again, ({ account }) => account?.head.hash === x.getSnapshot().account?.head.hash);
    expect(again.getSnapshot().deviceName).toBe('Second phone');
  });

  test('without a passphrase where the one that it had has none', async () => {
    const { x, y, atY } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
    expect(y.getSnapshot().passphrase).toEqual({ is: 'off' });
    expect(everythingIn(atY.tables).handles).toHaveLength(3);
  });

  test('and is named again as long as its name is none, or taken', async () => {
    const { x, y } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    for (const [name, problem] of [
      ['?', null],
      ['first-PHONE', 'bad-account-name'],
      ['Second phone', 'name-taken'],
    ] as const) {
      await when(y, ({ joining: view }) => view.is === 'naming' && view.problem === problem);
      y.joining.nameDevice(name);
    }
    await lettingIn(x, 'asking');
    x.joining.answerNewcomer(true);
    await expectJoined(x, y);
  });
});

describe('a joining that comes to nothing', () => {
  test('by wrong words fails clearly at both, ten times with ten secrets, and then the relay says later', async () => {
    const { x, y } = await stage();
    const shown = new Set<string>();
    for (let tries = 0; tries < 10; tries++) {
      x.joining.letDeviceIn('kex3');
      const { words } = await lettingIn(x, 'showing');
      shown.add(words ?? '');
      const [number, ...right] = (words ?? '').split(' ');
      y.joining.join([number, ...right.slice(1), right[0] === 'zoo' ? 'zone' : 'zoo'].join(' '));
      await expectFailed(x, y, 'wrong-secret @ meeting', 'wrong-secret @ meeting');
      x.joining.dismissLetIn();
      y.joining.dismissJoin();
    }
    expect(shown.size).toBe(10);
    x.joining.letDeviceIn('kex3');
    const { words, link } = await lettingIn(x, 'showing');
    y.joining.join(words ?? '');
    expect(await joining(y, 'failed')).toMatchObject({ code: 'rate-limited', step: null });
    // The QR code needs no number to be found by.
    y.joining.join(link);
    await agree(x, y);
    await expectJoined(x, y);
  }, 60_000);

  test('by a no says so at both', async () => {
    const { x, y } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await joining(y, 'naming');
    y.joining.nameDevice('Second phone');
    await lettingIn(x, 'asking');
    x.joining.answerNewcomer(false);
    await expectFailed(x, y, 'refused @ asking', 'peer-left @ asking');
    expect(x.getSnapshot().account?.head.seqno).toBe(1);
  });

  test.each([
    ['x', 'meeting', 'peer-left @ offering'],
    ['x', 'asking', 'peer-left @ asking'],
    ['y', 'meeting', 'peer-left @ offering'],
    ['y', 'asking', 'peer-left @ asking'],
  ] as const)('since %s leaves at %s leaves nothing, and the next one succeeds', async (who, where, atOther) => {
    const { x, y } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await joining(y, 'naming');
    await lettingIn(x, 'meeting');
    if (where === 'asking') {
      y.joining.nameDevice('Second phone');
      await lettingIn(x, 'asking');
    }
    if (who === 'x') x.joining.cancelLetIn();
    else y.joining.cancelJoin();
    const left = who === 'x' ? x.getSnapshot().lettingIn : y.getSnapshot().joining;
    expect(left).toEqual({ is: 'none' });
    const other = await (who === 'x' ? joining(y, 'failed') : lettingIn(x, 'failed'));
    expect(`${other.code} @ ${other.step}`).toBe(atOther);
    expect(x.getSnapshot().account?.head.seqno).toBe(1);
    x.joining.letDeviceIn('kex2-v1');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
  });

  test('while the other one says nothing shows that it looks for it, and can be stopped', async () => {
    const network = new LossyNetwork();
    const { x, y } = await stage(undefined, network.fetch);
    x.joining.letDeviceIn('kex3');
    const { words } = await lettingIn(x, 'showing');
    const lost = network.lose(Number.POSITIVE_INFINITY);
    y.joining.join(words ?? '');
    await joining(y, 'meeting');
    expect(x.getSnapshot().lettingIn.is).toBe('showing');
    y.joining.cancelJoin();
    expect(y.getSnapshot().joining).toEqual({ is: 'none' });
    void lost;
  });

  test('since its secret was taken back is found by nobody', async () => {
    const { x, y, relay } = await stage();
    x.joining.letDeviceIn('kex3');
    const { link, words } = await lettingIn(x, 'showing');
    x.joining.cancelLetIn();
    expect(x.getSnapshot().lettingIn).toEqual({ is: 'none' });
    const { secret } = parseJoinUrl(link);
    const rendezvous = codeRendezvous('bytes' in secret ? secret.bytes : expect.unreachable());
    const router = new HttpRouter({ relay: relay.url, fetch, timers: systemTimers, random: (n) => new Uint8Array(n) });
    const self = parseRendezvousSender(new Uint8Array(16));
    const look = () => router.get(rendezvous, self, 99, 1_000, new AbortController().signal);
    await expect(look().then(look).then(look).then(look).then(look)).rejects.toMatchObject({ code: 'no-rendezvous' });
    y.joining.join(link);
    expect(await joining(y, 'failed')).toMatchObject({ code: 'no-rendezvous', step: null });
    y.joining.dismissJoin();
    y.joining.join(words ?? '');
    expect(await joining(y, 'failed')).toMatchObject({ code: 'no-nameplate', step: null });
    y.joining.showSecret();
    await joining(y, 'showing');
    y.joining.cancelJoin();
    expect(y.getSnapshot().joining).toEqual({ is: 'none' });
  });

  test('where another member has opened the words that are entered says that they are no new device’s', async () => {
    const { x, y } = await stage();
    await y.createAccountKey({ deviceName: 'Another account', keyName: 'Another account' });
    y.joining.letDeviceIn('kex2-v1');
    const { words } = await lettingIn(y, 'showing');
    x.joining.enterSecret(words ?? '');
    expect(await lettingIn(x, 'failed')).toMatchObject({ code: 'entered-elsewhere', step: null });
    expect(y.getSnapshot().lettingIn.is).toBe('showing');
  });

  test('before anything was asked of a relay names what is wrong with the secret', async () => {
    const { x, y } = await stage();
    x.joining.enterSecret('zoo zoo');
    expect(await lettingIn(x, 'failed')).toMatchObject({ code: 'wrong-word-count', step: null });
    x.joining.dismissLetIn();
    y.joining.join('zoo zoo');
    expect(await joining(y, 'failed')).toMatchObject({ code: 'wrong-word-count', step: null });
    const elsewhere = { relay: 'https://relay.example', shownBy: { side: 'y' } } as const;
    x.joining.enterSecret(
      joinUrl('https://app.example', { ...elsewhere, secret: { suite: 'kex3', bytes: new Uint8Array(32) } }),
    );
    expect(await lettingIn(x, 'failed')).toMatchObject({ code: 'other-relay', step: null });
    // There is a device already: nobody joins with it.
    x.joining.join('12 zoo zone zero');
    expect(x.getSnapshot().joining).toEqual({ is: 'none' });
  });

  test('since the page went away is said to be interrupted, and told to the other', async () => {
    const { x, y, tabX } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await joining(y, 'naming');
    tabX.leave();
    expect(x.getSnapshot().lettingIn).toMatchObject({ is: 'failed', code: 'interrupted' });
    expect(await joining(y, 'failed')).toMatchObject({ code: 'peer-left', step: 'offering' });
  });
});

describe('what was saved', () => {
  /** Y, which has saved and is about to post; each of its posts goes to `post`. `locked`: X has a passphrase. */
  async function aboutToPost(
    post: (link: RelayLink, ...posted: Parameters<ChainOrders['post']>) => Promise<void>,
    { locked } = { locked: false },
  ) {
    const here = await stage();
    if (locked) await here.x.passphrase.set(passphrase);
    const { connectRelay: connect } = here.atY.network;
    here.atY.network.connectRelay = (...asked) => {
      const link = connect?.(...asked) ?? expect.unreachable();
      const chain: ChainOrders = {
        ask: () => link.chain.ask(),
        boxes: () => link.chain.boxes(),
        grant: (hash) => link.chain.grant(hash),
        records: () => link.chain.records(),
        recordsAfter: (revision) => link.chain.recordsAfter(revision),
        write: (record) => link.chain.write(record),
        post: (posted) => post(link, posted),
      };
      return new Proxy(link, {
        get: (target, key) => (key === 'chain' ? chain : (Reflect.get(target, key) as unknown)),
      });
    };
    const tab = opened(here.atY);
    here.tabY.close();
    await phase(tab.engine, 'first-run');
    here.x.joining.letDeviceIn('kex3');
    tab.engine.joining.join((await lettingIn(here.x, 'showing')).link);
    await agree(here.x, tab.engine);
    const reopen = (): PhoneEngine => {
      here.atY.network = browserAt(here.relay.url).network;
      tab.close();
      return opened(here.atY).engine;
    };
    return { ...here, tab, y: tab.engine, reopen };
  }

  test.each([
    ['before it was posted', () => Promise.resolve()],
    ['after it was posted', (link: RelayLink, posted: Parameters<ChainOrders['post']>[0]) => link.chain.post(posted)],
  ])('is posted again after a crash %s, and until then there is no device', async (_when, post) => {
    let crash: () => void = () => undefined;
    const crashed = new Promise<void>((resolve) => (crash = resolve));
    const { x, reopen } = await aboutToPost(async (link, posted) => {
      await post(link, posted);
      crash();
      return new Promise(() => undefined);
    });
    await crashed;
    const y = reopen();
    await phase(y, 'ready');
    expect(y.getSnapshot()).toMatchObject({ deviceName: 'Second phone', joining: { is: 'done' } });
    const mine = await when(y, ({ account }) => account);
    await when(x, ({ account }) => account?.head.hash === mine.head.hash);
  });

  test('is locked by the passphrase of the other before it is posted, and posted after a crash once that is given', async () => {
    let crash: () => void = () => undefined;
    const crashed = new Promise<void>((resolve) => (crash = resolve));
    const post = (): Promise<void> => {
      crash();
      return new Promise(() => undefined);
    };
    const { atY, reopen } = await aboutToPost(post, { locked: true });
    await crashed;
    const kept = everythingIn(atY.tables);
    expect([kept.handles, shows(kept, 'Second phone')]).toEqual([[], false]);
    const y = reopen();
    await phase(y, 'passphrase');
    expect(await y.passphrase.open(passphrase)).toBe(true);
    await phase(y, 'ready');
    expect(y.getSnapshot()).toMatchObject({ deviceName: 'Second phone', passphrase: { is: 'on' } });
  });

  test('is dropped with the passphrase that it was locked by', async () => {
    const { x, y, atY } = await aboutToPost(() => Promise.reject(new RelayError('conflict')), { locked: true });
    await expectFailed(x, y, 'conflict @ joining', 'conflict @ joining');
    expect(y.getSnapshot().passphrase).toEqual({ is: 'off' });
    expect(everythingIn(atY.tables)).toEqual({ text: '', handles: [] });
    await y.createAccountKey({ deviceName: 'My own', keyName: 'My own' });
    expect(everythingIn(atY.tables).handles).toHaveLength(3);
  });

  test('is not called back by its person while it is posted', async () => {
    const { x, y } = await aboutToPost((link, posted) => {
      y.joining.cancelJoin();
      y.joining.dismissJoin();
      y.joining.join('12 zoo zone zero');
      y.joining.showSecret();
      return link.chain.post(posted);
    });
    await expectJoined(x, y);
  });

  test('is dropped where another link was there first: both say so, and it is begun again', async () => {
    const { x, y, tab } = await aboutToPost(() => Promise.reject(new RelayError('conflict')));
    await expectFailed(x, y, 'conflict @ joining', 'conflict @ joining');
    const rows = tab.store() ?? expect.unreachable();
    expect(await rows.transact('read', ['joining', 'device'], (all) => all.all('joining'))).toEqual([]);
    await y.createAccountKey({ deviceName: 'My own', keyName: 'My own' });
    expect(y.getSnapshot().phase).toEqual({ is: 'ready' });
  });

  test('and is refused for good is dropped, with what the relay says', async () => {
    const { y } = await aboutToPost(() => Promise.reject(new RelayError('bad-chain')));
    expect(await joining(y, 'failed')).toMatchObject({ code: 'bad-chain' });
    expect(y.getSnapshot().phase).toEqual({ is: 'first-run' });
  });

  test('and is not certain forbids an account of its own, until it is given up', async () => {
    const { y } = await aboutToPost(() => Promise.reject(new RangeError('a fault of this device')));
    expect(await joining(y, 'failed')).toMatchObject({ code: 'not-posted', step: 'joining' });
    await expect(y.createAccountKey({ deviceName: 'Mine', keyName: 'Mine' })).rejects.toMatchObject({
      code: 'not-posted',
    });
    y.joining.cancelJoin();
    expect(y.getSnapshot().joining).toEqual({ is: 'none' });
    await y.createAccountKey({ deviceName: 'Mine', keyName: 'Mine' });
    expect(y.getSnapshot().phase).toEqual({ is: 'ready' });
  });
});
