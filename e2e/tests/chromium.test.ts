/** The suites of crypto, codecs and conversations, the store's contract and the relay's client, in real Chromium. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storeContract } from '../../apps/phone/src/store/store-contract.ts';
import type {} from '../chromium/main.ts';
import type { CaseResult } from '../chromium/suites.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { buildSuites, listNodeCases } from '../lib/chromium.ts';
import type { Child } from '../lib/child.ts';
import { startPalmkey } from '../lib/palmkey.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const opened: AsyncDisposable[] = [];
let port: number;
let app: string;
let relay: Child;
let browser: PhoneBrowser;

/** The relay serves the page, so that what holds for the app holds for it: its content security policy above all. */
async function startRelay(): Promise<Child> {
  const started = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port), '--app', app);
  opened.push(started);
  await started.prints(/palmkey up --relay/);
  return started;
}

beforeAll(async () => {
  [app, port] = await Promise.all([buildSuites(), freePort()]);
  relay = await startRelay();
  browser = await openBrowser(join(folder.path, 'profile'));
  opened.push(browser);
  const answer = await browser.page.goto(`http://localhost:${port}/`);
  expect(answer?.headers()['content-security-policy']).toContain("script-src 'self';");
});

afterAll(async () => {
  for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('the suites in Chromium', () => {
  let ran: CaseResult[];
  let inNode: string[];

  beforeAll(async () => {
    [ran, inNode] = await Promise.all([browser.page.evaluate(() => window.palmkey.runSuites()), listNodeCases()]);
  });

  test('every case passes', () => {
    expect(ran.filter(({ state }) => state !== 'pass')).toEqual([]);
  });

  test('they are the cases that Node runs, by name and number', () => {
    const shared = ran.filter(({ file }) => file.startsWith('packages/'));
    expect(shared.map(({ file, name }) => `${file} > ${name}`).sort()).toEqual(inNode.sort());
    expect(inNode.length).toBeGreaterThan(700);
  });

  test("the store's contract held over IndexedDB, case by case", () => {
    const names = ran.filter(({ file }) => file.endsWith('chromium/store.test.ts')).map(({ name }) => name);
    expect(storeContract.length).toBeGreaterThan(0);
    for (const { name } of storeContract) expect(names).toContain(`openIndexedDbStore > ${name}`);
    expect(names).toHaveLength(storeContract.length + 6);
  });

  test('and so it did where a passphrase locks the rows', () => {
    const names = ran.filter(({ file }) => file.endsWith('chromium/vault-store.test.ts')).map(({ name }) => name);
    for (const { name } of storeContract) expect(names).toContain(`VaultStore over IndexedDB, locked > ${name}`);
    expect(names).toHaveLength(storeContract.length + 2);
  });
});

test('RelayClient over browserSockets sends, hears of the absent, and is back after the relay was killed', async () => {
  const { page } = browser;
  const pair = await page.evaluateHandle((origin) => window.palmkey.relayPair(origin), `http://localhost:${port}`);
  expect(await pair.evaluate((both) => both.exchange('before'))).toBe('before');
  expect(await pair.evaluate((both) => both.sendToNobody())).toBe('absent');
  relay.kill('SIGKILL');
  await relay.ended();
  await pair.evaluate((both) => both.lost());
  relay = await startRelay();
  await pair.evaluate((both) => both.connected());
  expect(await pair.evaluate((both) => both.exchange('after'))).toBe('after');
  await pair.evaluate((both) => both.close());
});
