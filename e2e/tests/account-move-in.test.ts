/**
 * An account goes to a relay that asks who a device is, by what was typed or scanned; and one whose history is long.
 */
import { replay } from '@palmkey/chain';
import { addPaperKey, chainPost, newRecoveryPhrase } from '@palmkey/core/account';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { fixedAccount } from '../../packages/core/src/testing/fixed-account.ts';
import type { RelayOptions } from '../../packages/relay/src/options.ts';
import { testRelay } from '../../packages/relay/src/testing/test-relay.ts';
import { beginJoining, hold, openAt, readJoining, rejoin } from '../lib/account-pages.ts';
import { openBrowser } from '../lib/browser.ts';
import { Github, githubApp } from '../lib/github.ts';
import { startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairFresh } from '../lib/phone.ts';
import { writeQrVideo } from '../lib/qr-video.ts';
import { linksAt, RelayAccount } from '../lib/relay-account.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

/** Four links to each, and two more: twice what a post holds. */
const GENERATIONS = 60;

function folderOfTest(): string {
  const folder = tempFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}

/** A relay that lets in whoever comes; its origin. */
async function openRelay(folder: string, name: string): Promise<string> {
  const port = await freePort();
  const child = startPalmkey(join(folder, name), 'relay', '--port', String(port));
  onTestFinished(() => child[Symbol.asyncDispose]());
  await child.prints(/palmkey up --relay/);
  return `http://localhost:${port}`;
}

/** A relay for members, where GitHub says who they are, and which lets sign-ins begin at these origins. */
async function githubRelay(appOrigins: readonly string[]) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const github = await Github.start({ redirectUris: [`${url}/v1/github/callback`] });
  onTestFinished(() => github[Symbol.asyncDispose]());
  const signIn: RelayOptions['github'] = {
    ...githubApp,
    users: [],
    organisations: ['Garden'],
    webUrl: github.url,
    apiUrl: github.url,
    appOrigins,
  };
  const relay = await testRelay({ port, github: signIn });
  onTestFinished(() => relay.close());
  return { relay, url };
}

/** A phone whose account, with a computer in it, is at the relay that its app is from. */
async function phoneAt(folder: string, origin: string, camera?: string): Promise<Page> {
  const daemon = startUp({ home: join(folder, 'home'), port: 0, args: ['--relay', origin] });
  onTestFinished(() => daemon[Symbol.asyncDispose]());
  const phone = await pairFresh(daemon, join(folder, 'phone'), camera === undefined ? {} : { camera });
  onTestFinished(() => phone[Symbol.asyncDispose]());
  await isAt(phone.page, origin);
  return phone.page;
}

async function isAt(page: Page, origin: string): Promise<void> {
  await openAt(page, '/devices/relay');
  await page.locator('section', { hasText: 'Your account is at' }).getByText(origin).waitFor({ timeout: 60_000 });
}

async function look(page: Page, at: string): Promise<void> {
  await openAt(page, '/devices/relay');
  await page.getByLabel('Address of the relay').fill(at);
  await page.getByRole('button', { name: 'Look at it' }).click();
}

async function signIn(page: Page, account: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with GitHub' }).click();
  await page.getByLabel('Account').selectOption(account);
  await page.getByRole('button', { name: 'Authorize' }).click();
}

test('who signs in at the new relay comes back to where the move was, also when it was in vain', async () => {
  const folder = folderOfTest();
  const former = await openRelay(folder, 'former');
  const { relay, url } = await githubRelay([former]);
  const page = await phoneAt(folder, former);
  await look(page, url);
  await signIn(page, 'dora');
  await page.getByRole('heading', { name: 'You were not let in' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/devices/relay');
  expect(await relay.operator.accounts()).toEqual([]);
  await signIn(page, 'Ada');
  await hold(page, /Hold to move/);
  await isAt(page, url);
  // The eldest link, and the computer’s.
  await expect.poll(() => relay.operator.accounts()).toMatchObject([{ githubUser: 1001, chain: { links: 2 } }]);
});

test('a relay that takes no sign-in from this app says so before the page is left; its invitation does', async () => {
  const folder = folderOfTest();
  const former = await openRelay(folder, 'former');
  const { relay, url } = await githubRelay([]);
  const { code } = await relay.operator.invite({ uses: 1, lifetimeMs: 600_000 });
  const page = await phoneAt(folder, former);
  await look(page, url);
  await page.getByRole('button', { name: 'Sign in with GitHub' }).click();
  await page.getByText(`takes no sign-in that begins at ${former}`).waitFor();
  const field = page.getByLabel('Invitation');
  await field.fill('00000-00000-00000-00000');
  await page.getByRole('button', { name: 'Use it' }).click();
  await page.getByText('The relay does not take it').waitFor();
  await field.fill(code.toLowerCase());
  await page.getByRole('button', { name: 'Use it' }).click();
  await hold(page, /Hold to move/);
  await isAt(page, url);
});

test('the new relay is found in the code of a device that is to be added there, which is not joined', async () => {
  const folder = folderOfTest();
  const [former, next] = [await openRelay(folder, 'former'), await openRelay(folder, 'next')];
  const film = join(folder, 'code.y4m');
  {
    await using there = await openBrowser(join(folder, 'there'));
    await beginJoining(there.page, next);
    await there.page.getByRole('button', { name: 'Show a code here instead' }).click();
    writeQrVideo(film, (await readJoining(there.page)).rows);
  }
  const page = await phoneAt(folder, former, film);
  await page.getByRole('button', { name: 'Scan a code instead' }).click();
  await hold(page, /Hold to move/);
  await isAt(page, next);
});

test('a phone that joined after more than 200 links takes all of them to the new relay', async () => {
  const folder = folderOfTest();
  const [former, next] = [await openRelay(folder, 'former'), await openRelay(folder, 'next')];
  const phrase = newRecoveryPhrase(webPrimitives);
  const made = await fixedAccount('moved', GENERATIONS);
  const account = await RelayAccount.post(former, made);
  onTestFinished(() => account[Symbol.dispose]());
  const state = await replay({ ...webPrimitives, sha256 }, made.links, null);
  const actor = { primitives: webPrimitives, device: made.owner, ctime: Date.now() };
  const latest = made.perUserKeys.at(-1) ?? expect.unreachable();
  const words = await addPaperKey(actor, state, latest, phrase, { name: 'Recovery words', names: [] });
  await account.send(chainPost(words));

  const browser = await openBrowser(join(folder, 'phone'));
  onTestFinished(() => browser[Symbol.asyncDispose]());
  const { page } = browser;
  await page.goto(former);
  await rejoin(page, phrase.split(' '));
  await page.getByLabel('This device').fill('Late phone', { timeout: 120_000 });
  await page.getByRole('button', { name: 'Add this device' }).click();
  await page.getByRole('heading', { name: 'This device is in your account' }).waitFor({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Go to the inbox' }).click();
  await isAt(page, former);
  await look(page, next);
  await hold(page, /Hold to move/);
  await isAt(page, next);
  const [there, here] = [await linksAt(next, account.id), await linksAt(former, account.id)];
  expect(there.length).toBeGreaterThan(200);
  expect(there).toEqual(here);
}, 300_000);
