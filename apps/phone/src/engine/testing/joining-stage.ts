/** Two apps, each with its own browser, at a real relay. */
import { webPrimitives } from '@palmkey/core/crypto';
import { type Scrypt, wasmScrypt } from '@palmkey/core/scrypt';
import { type Fetch, fetchLinks, HttpRouter, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { expect, onTestFinished } from 'vitest';
import type { JoiningView, LettingInView } from '../../model/account-view.ts';
import type { PhoneSnapshot } from '../../model/model.ts';
import type { PhoneEngine } from '../phone-engine.ts';
import { webClock } from '../web-clock.ts';
import { connectRelay } from '../web-ports.ts';
import { FakeBrowser, type FakeTab } from './fake-browser.ts';

/** No case is about the cost of words, which `over-relay.node.test.ts` pays in full. */
const cheapScrypt: Scrypt = (password, salt, cost, outBytes) =>
  wasmScrypt(password, salt, Math.min(cost, 2 ** 10), outBytes);

/** A browser whose app came from this relay, and reaches it. */
export function browserAt(relay: string, meetBy: Fetch = fetch): FakeBrowser {
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

/** A tab of a browser, until the test is over. */
export function opened(browser: FakeBrowser): FakeTab {
  const tab = browser.open();
  onTestFinished(() => tab.close());
  return tab;
}

/** Resolves when the snapshot is so. Listens: nothing is asked again and again. */
export function when<T>(
  engine: PhoneEngine,
  look: (snapshot: PhoneSnapshot) => T | null | undefined | false,
): Promise<T> {
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

/** What X shows, once it is this. */
export const lettingIn = <Is extends LettingInView['is']>(engine: PhoneEngine, is: Is) =>
  when(engine, ({ lettingIn: view }) => (view.is === is ? (view as Of<LettingInView, Is>) : null));
/** What Y shows, once it is this. */
export const joining = <Is extends JoiningView['is']>(engine: PhoneEngine, is: Is) =>
  when(engine, ({ joining: view }) => (view.is === is ? (view as Of<JoiningView, Is>) : null));
/** Resolves when an app is in this phase. */
export const phase = (engine: PhoneEngine, is: PhoneSnapshot['phase']['is']) =>
  when(engine, (each) => each.phase.is === is);

/** X, with an account and no computer, and Y, without anything, at one relay. */
export async function stageAt(relay: string, meetXBy: Fetch = fetch) {
  const [atX, atY] = [browserAt(relay, meetXBy), browserAt(relay)];
  const [tabX, tabY] = [opened(atX), opened(atY)];
  const [x, y] = [tabX.engine, tabY.engine];
  await Promise.all([phase(x, 'first-run'), phase(y, 'first-run')]);
  await x.createAccountKey({ deviceName: 'First phone', keyName: 'First phone' });
  return { relay, atX, atY, tabX, tabY, x, y };
}

/** The persons do what is asked of them: Y is named, the codes are the same, X says yes. */
export async function agree(x: PhoneEngine, y: PhoneEngine, name = 'Second phone'): Promise<void> {
  await joining(y, 'naming');
  y.joining.nameDevice(name);
  const asked = await lettingIn(x, 'asking');
  expect((await joining(y, 'code')).code).toBe(asked.code);
  expect([asked.name, asked.kind]).toEqual([name, 'phone']);
  x.joining.answerNewcomer(true);
}

/** Both are done, and of one account. */
export async function expectJoined(x: PhoneEngine, y: PhoneEngine, name = 'Second phone'): Promise<void> {
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
export async function expectFailed(x: PhoneEngine, y: PhoneEngine, atX: string, atY: string): Promise<void> {
  const [left, right] = await Promise.all([lettingIn(x, 'failed'), joining(y, 'failed')]);
  expect([`${left.code} @ ${left.step}`, `${right.code} @ ${right.step}`]).toEqual([atX, atY]);
  expect(y.getSnapshot().phase).toEqual({ is: 'first-run' });
}
