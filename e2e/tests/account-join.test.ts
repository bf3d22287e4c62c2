/** A second device joins the account of the first, each the app in a browser profile of its own. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addDevice,
  beginJoining,
  letIn,
  nameDevice,
  openAt,
  readJoining,
  readNewcomer,
  typeJoining,
} from '../lib/account-pages.ts';
import { type BrowserOptions, openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { type Daemon, startUp } from '../lib/palmkey.ts';
import { pairFresh, type Paired } from '../lib/phone.ts';
import { writeQrVideo } from '../lib/qr-video.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
let daemon: Daemon;
let first: Paired;
let opened = 0;

beforeAll(async () => {
  daemon = startUp({ home: join(folder.path, 'home'), port: await freePort() });
  first = await pairFresh(daemon, join(folder.path, 'first'), { device: 'First phone', key: 'First key' });
});
afterAll(async () => {
  await first[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** A browser that has nothing, on its way into the account. */
async function newcomer(options: BrowserOptions = {}): Promise<PhoneBrowser> {
  const browser = await openBrowser(join(folder.path, `newcomer-${++opened}`), options);
  await beginJoining(browser.page, daemon.origin);
  return browser;
}

/** Names it, compares both screens, and lets it in. */
async function finish(page: Page, name: string): Promise<void> {
  const code = await nameDevice(page, name);
  const asking = await readNewcomer(first.page);
  expect(asking.code).toBe(code);
  expect(asking.text).toContain(name);
  await letIn(first.page, page, name);
}

/** The names of the devices that answer, as a device lists them. */
async function expectListed(page: Page, ...names: readonly string[]): Promise<void> {
  await openAt(page, '/devices');
  for (const name of names) await page.getByRole('link', { name: new RegExp(`^${name}`) }).waitFor();
}

test('by the QR code, through its camera', async () => {
  const shown = await addDevice(first.page);
  const film = join(folder.path, 'code.y4m');
  writeQrVideo(film, shown.rows);
  await using second = await newcomer({ camera: film });
  await second.page.getByRole('button', { name: 'Scan the QR code' }).click();
  await finish(second.page, 'By camera');
  await expectListed(second.page, 'First phone', 'By camera');
  await expectListed(first.page, 'First phone', 'By camera');
  // The codes' own modules are what was read: nothing was typed.
  expect(second.problems).toEqual([]);
});

test('by a number and three words', async () => {
  const { words } = await addDevice(first.page);
  expect(words).toMatch(/^\d+( [a-z]+){3}$/);
  await using second = await newcomer();
  await typeJoining(second.page, `  ${(words ?? '').toUpperCase()} `);
  await finish(second.page, 'By number');
  await expectListed(second.page, 'First phone', 'By number');
});

test('by eight words', async () => {
  const { words } = await addDevice(first.page, 'Eight words');
  expect(words).toMatch(/^[a-z]+( [a-z]+){7}$/);
  await using second = await newcomer();
  await typeJoining(second.page, words ?? '');
  await finish(second.page, 'By eight words');
  await expectListed(second.page, 'First phone', 'By eight words');
});

test('by nine words that are only in the code', async () => {
  const { link, words } = await addDevice(first.page, 'Nine words in a QR code');
  expect(words).toBeNull();
  await using second = await newcomer();
  await typeJoining(second.page, link);
  await finish(second.page, 'By nine words');
  await expectListed(second.page, 'First phone', 'By nine words');
});

test('by what the new device shows', async () => {
  await using second = await newcomer();
  await second.page.getByRole('button', { name: 'Show a code here instead' }).click();
  const shown = await readJoining(second.page);
  await openAt(first.page, '/devices/add');
  await first.page.getByRole('button', { name: 'Other ways' }).click();
  await first.page.getByRole('button', { name: /^Scan or type what the new device shows/ }).click();
  await typeJoining(first.page, shown.words ?? shown.link);
  await finish(second.page, 'By its own code');
  await expectListed(first.page, 'By its own code');
});

test('words that are wrong are worth one try, and both say so', async () => {
  const { words } = await addDevice(first.page);
  const [number = '', ...rest] = (words ?? '').split(' ');
  await using second = await newcomer();
  await typeJoining(second.page, [number, ...rest.map((word) => (word === 'zoo' ? 'zone' : 'zoo'))].join(' '));
  await second.page.getByRole('button', { name: 'Begin again' }).waitFor();
  await first.page.getByRole('button', { name: 'Begin again' }).waitFor();
  await second.page.getByRole('button', { name: 'Begin again' }).click();
  await typeJoining(second.page, words ?? '');
  await second.page.getByRole('button', { name: 'Begin again' }).waitFor();
});

test('a no, and a device that leaves at any step, leave the account as it was', async () => {
  await using second = await newcomer();
  const again = async () => {
    await second.page.getByRole('button', { name: 'Begin again' }).click();
  };
  // X leaves while Y names itself.
  await typeJoining(second.page, (await addDevice(first.page)).words ?? '');
  await second.page.getByRole('heading', { name: 'Name this device' }).waitFor();
  await first.page.getByRole('button', { name: 'Cancel' }).click();
  await again();
  // X says no.
  await typeJoining(second.page, (await addDevice(first.page)).words ?? '');
  await nameDevice(second.page, 'Never');
  await readNewcomer(first.page);
  await first.page.getByRole('button', { name: 'No, stop' }).click();
  await again();
  // Y leaves while X is asked.
  await typeJoining(second.page, (await addDevice(first.page)).words ?? '');
  await nameDevice(second.page, 'Never');
  await readNewcomer(first.page);
  await second.page.getByRole('button', { name: 'Cancel' }).click();
  await first.page.getByRole('button', { name: 'Begin again' }).waitFor();
  // X is closed altogether.
  await openAt(first.page, '/devices');
  await first.page.getByRole('link', { name: /^First phone/ }).waitFor();
  expect(await first.page.getByRole('link', { name: /^Never/ }).count()).toBe(0);
});
