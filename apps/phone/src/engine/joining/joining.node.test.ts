/** `.node.test.ts`: two apps, each with its own browser, and a relay that runs in this process. */
import { webPrimitives } from '@palmkey/core/crypto';
import { parseJoinUrl } from '@palmkey/core/provisioning';
import { fetchLinks, HttpRouter, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../../../../packages/relay/src/testing/test-relay.ts';
import type { JoiningView, LettingInView } from '../../model/account-view.ts';
import type { PhoneSnapshot } from '../../model/model.ts';
import type { PhoneEngine } from '../phone-engine.ts';
import type { Clock } from '../ports.ts';
import { FakeBrowser, type FakeTab } from '../testing/fake-browser.ts';
import { connectRelay } from '../web-ports.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(new Error('aborted'));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal?.aborted === true) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    }),
};

/** A browser whose app came from this relay, and reaches it. */
function browserAt(relay: string): FakeBrowser {
  const browser = new FakeBrowser();
  browser.origin = relay;
  browser.network = {
    clock,
    connectRelay: (origin, device, grant, outbox) => connectRelay(nodeSockets, origin, device, grant, outbox),
    fetchLinks: (origin, account, after, signal) =>
      fetchLinks({ relay: origin, account, after, fetch, timers: systemTimers, signal }),
    meetAt: (origin) =>
      new HttpRouter({
        relay: origin,
        fetch,
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
async function stage(postsPerMinute = 2_000) {
  const relay = await testRelay({ admission: 'open', rates: { postsPerMinute } });
  onTestFinished(() => relay.close());
  const [atX, atY] = [browserAt(relay.url), browserAt(relay.url)];
  const [x, y] = [opened(atX).engine, opened(atY).engine];
  await Promise.all([phase(x, 'first-run'), phase(y, 'first-run')]);
  await x.createAccountKey({ deviceName: 'First phone', keyName: 'First phone' });
  return { relay, atX, atY, x, y };
}

/** The persons do what is asked of them: Y is named, the codes are the same, X says yes. */
async function agree(x: PhoneEngine, y: PhoneEngine, name = 'Second phone'): Promise<void> {
  await joining(y, 'naming');
  y.nameNewDevice(name);
  const asked = await lettingIn(x, 'asking');
  expect((await joining(y, 'code')).code).toBe(asked.code);
  expect([asked.name, asked.kind]).toEqual([name, 'phone']);
  x.answerNewcomer(true);
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
    x.letDeviceIn(suite);
    const shown = await lettingIn(x, 'showing');
    expect(shown.suite).toBe(suite);
    y.join(shown[entered] ?? '');
    await agree(x, y);
    await expectJoined(x, y);
  });

  test.each(['words', 'link'] as const)('by the %s that it shows itself', async (entered) => {
    const { x, y } = await stage();
    y.showJoinSecret();
    const shown = await joining(y, 'showing');
    expect(parseJoinUrl(shown.link).shownBy).toEqual({ side: 'y' });
    x.enterSecret(shown[entered]);
    await agree(x, y);
    await expectJoined(x, y);
  });

  test('and then lets another one in', async () => {
    const { relay, x, y } = await stage();
    x.letDeviceIn('kex3');
    y.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
    const z = opened(browserAt(relay.url)).engine;
    await phase(z, 'first-run');
    y.letDeviceIn('kex3');
    z.join((await lettingIn(y, 'showing')).words ?? '');
    await agree(y, z, 'Third phone');
    expect(await lettingIn(y, 'done')).toEqual({ is: 'done', name: 'Third phone' });
    await phase(z, 'ready');
    const all = await when(x, ({ account }) => (account?.devices.length === 3 ? account : null));
    expect(all.head).toEqual(z.getSnapshot().account?.head);
  });

  test('and is named again as long as its name is none, or taken', async () => {
    const { x, y } = await stage();
    x.letDeviceIn('kex3');
    y.join((await lettingIn(x, 'showing')).link);
    for (const [name, problem] of [
      ['?', null],
      ['first-PHONE', 'bad-account-name'],
      ['Second phone', 'name-taken'],
    ] as const) {
      await when(y, ({ joining: view }) => view.is === 'naming' && view.problem === problem);
      y.nameNewDevice(name);
    }
    await lettingIn(x, 'asking');
    x.answerNewcomer(true);
    await expectJoined(x, y);
  });
});

describe('a joining that comes to nothing', () => {
  test('by wrong words fails clearly at both, ten times with ten secrets, and then the relay says later', async () => {
    const { x, y } = await stage();
    const shown = new Set<string>();
    for (let tries = 0; tries < 10; tries++) {
      x.letDeviceIn('kex3');
      const { words } = await lettingIn(x, 'showing');
      shown.add(words ?? '');
      const [number, ...right] = (words ?? '').split(' ');
      y.join([number, ...right.slice(1), right[0] === 'zoo' ? 'zone' : 'zoo'].join(' '));
      await expectFailed(x, y, 'wrong-secret @ meeting', 'wrong-secret @ meeting');
      x.dismissLetIn();
      y.dismissJoin();
    }
    expect(shown.size).toBe(10);
    x.letDeviceIn('kex3');
    const { words, link } = await lettingIn(x, 'showing');
    y.join(words ?? '');
    expect(await joining(y, 'failed')).toMatchObject({ code: 'rate-limited', step: null });
    // The QR code needs no number to be found by.
    y.join(link);
    await agree(x, y);
    await expectJoined(x, y);
  }, 60_000);
});
