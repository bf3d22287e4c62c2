import { expect, test } from 'vitest';
import { CONNECTION_LOCK } from './connection-turn.ts';
import { FakeBrowser, quiet, until } from './testing/fake-browser.ts';
import { TabTurn } from './tab-turn.ts';

/** A tab's turn in a browser, without a session. */
function tabOf(browser: FakeBrowser) {
  const told: string[] = [];
  const seat = browser.neighbours.sit();
  const page = {
    visible: () => true,
    onVisible: () => undefined,
    onWake: () => undefined,
    onLeave: () => undefined,
    origin: browser.origin,
    notes: { get: () => null, set: () => undefined },
    persisted: () => Promise.resolve(false),
    persist: () => Promise.resolve(false),
  };
  const ports = { clock: browser.clock, locks: browser.locks, neighbours: seat, page };
  const turn = new TabTurn(ports, {
    onElsewhere: () => void told.push('elsewhere'),
    onLost: () => void told.push('lost'),
  });
  return { turn, told };
}

test('a turn that another tab has is waited for, and said to be elsewhere after a moment', async () => {
  const browser = new FakeBrowser();
  const [first, second] = [tabOf(browser), tabOf(browser)];
  expect(await first.turn.take({ steal: false })).toBe(true);
  const waiting = second.turn.take({ steal: false });
  await quiet();
  expect(second.told).toEqual([]);
  browser.clock.advance(400);
  await until('elsewhere', () => second.told.length === 1);
  first.turn.letGo();
  expect(await waiting).toBe(true);
  expect([first.turn.held, second.turn.held === null, first.told]).toEqual([null, false, []]);
});

test('a turn that is taken by another tab is lost, and one that was given up is not', async () => {
  const browser = new FakeBrowser();
  const [first, second] = [tabOf(browser), tabOf(browser)];
  await first.turn.take({ steal: false });
  expect(await second.turn.take({ steal: true })).toBe(true);
  await until('lost', () => first.told.length === 1);
  expect([first.told, first.turn.held]).toEqual([['lost'], null]);
  second.turn.letGo();
  await quiet();
  expect(second.told).toEqual([]);
});

test('a turn that comes in the moment in which nobody waits for it any more goes on to the next', async () => {
  const browser = new FakeBrowser();
  const { turn, told } = tabOf(browser);
  const other = await browser.locks.acquire(CONNECTION_LOCK, { steal: false });
  const waiting = turn.take({ steal: false });
  other.release();
  turn.stopWaiting();
  expect(await waiting).toBe(false);
  expect(turn.held).toBeNull();
  await browser.locks.acquire(CONNECTION_LOCK, { steal: false });
  expect(told).toEqual([]);
});
