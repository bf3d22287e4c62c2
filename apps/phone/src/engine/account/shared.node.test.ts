/** `.node.test.ts`: two phones in step over a relay that runs in this process. */
import { fetchLinks, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../../../../packages/relay/src/testing/test-relay.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import type { HistoryRow, PermissionRow } from '../../store/schema.ts';
import { FakeBrowser, type FakeTab, until } from '../testing/fake-browser.ts';
import { webClock } from '../web-clock.ts';
import { connectRelay } from '../web-ports.ts';

const HOUR_MS = 3_600_000;
const computer = '0c'.repeat(16);
const hash = 'ab'.repeat(32);

function browserAt(relay: string): FakeBrowser {
  const browser = new FakeBrowser();
  browser.origin = relay;
  browser.network = {
    clock: webClock,
    connectRelay: (origin, device, grant, outbox) => connectRelay(nodeSockets, origin, device, grant, outbox),
    fetchLinks: (origin, account, after, signal) =>
      fetchLinks({ relay: origin, account, after, fetch, timers: systemTimers, signal }),
  };
  return browser;
}

async function opened(browser: FakeBrowser, phase: 'first-run' | 'ready'): Promise<FakeTab> {
  const tab = browser.open();
  onTestFinished(() => tab.close());
  await until(phase, () => tab.engine.getSnapshot().phase.is === phase);
  return tab;
}

/** What a phone has allowed and decided, as it keeps that. */
async function allowed(browser: FakeBrowser, id: string): Promise<void> {
  const now = Date.now();
  const permission: PermissionRow = {
    id, computer, scope: { is: 'commits' }, key: null, createdAt: now, endsAt: now + HOUR_MS,
    revokedAt: null, uses: 0, lastUsedAt: null,
  }; // prettier-ignore
  const line: HistoryRow = {
    id: `${computer}/${hash}`, hash, at: now, kind: 'git', computer: 'laptop', subject: 'docs: a word',
    repository: '/site', user: null, host: null, hostFingerprint: null, keyName: 'Work', outcome: 'approved',
    refusal: null, skewMs: null, by: 'person', confirmed: true, signed: true,
  }; // prettier-ignore
  await new MemoryStore(browser.tables).transact('write', ['permissions', 'history'], async (transaction) => {
    await transaction.put('permissions', permission);
    await transaction.put('history', line);
  });
}

test('what one phone allows and decides the other has, and ends for good, also while the first is away', async () => {
  const relay = await testRelay({ admission: 'open', rates: { postsPerMinute: 1_000 } });
  onTestFinished(() => relay.close());
  const [atX, atY] = [browserAt(relay.url), browserAt(relay.url)];
  const first = await opened(atX, 'first-run');
  await first.engine.createAccountKey({ deviceName: 'First phone', keyName: 'Work' });
  await first.engine.account.check();
  const words = (await first.engine.account.newWords()).join(' ');
  await first.engine.account.keepWords();
  const y = (await opened(atY, 'first-run')).engine;
  await y.joining.rejoin(words, null);
  await y.joining.confirmRejoin('Second phone');
  await until('named', () => y.getSnapshot().account?.devices.every(({ name }) => name !== null) === true);
  first.close();

  const [one, two] = ['11'.repeat(16), '22'.repeat(16)];
  await allowed(atX, one);
  await allowed(atX, two);
  const x = await opened(atX, 'ready');
  await until('listed', () => y.getSnapshot().permissions.length === 2);
  expect(y.getSnapshot().permissions).toMatchObject([{ phone: 'First phone' }, { phone: 'First phone' }]);
  await until('told', () => y.getSnapshot().history.length === 1);
  expect(y.getSnapshot().history).toMatchObject([
    { hash, subject: 'docs: a word', phone: 'First phone', by: 'person', computer: 'laptop' },
  ]);
  await y.revokePermission(one);
  await until('ended', () => x.engine.getSnapshot().permissions.length === 1);
  x.close();
  await y.revokeAllPermissions();
  await until('taken', () => y.getSnapshot().permissions.length === 0);
  const again = await opened(atX, 'ready');
  await until('ended too', () => again.engine.getSnapshot().permissions.length === 0);
  expect(again.engine.getSnapshot().account?.data).toBe('current');
});
