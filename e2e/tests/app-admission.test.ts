/** The first person of a relay that asks who they are: a phone gets in before any computer, and brings one in. */
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../packages/relay/src/testing/test-relay.ts';
import { openBrowser } from '../lib/browser.ts';
import { Github, githubApp } from '../lib/github.ts';
import { startUp } from '../lib/palmkey.ts';
import { confirmLink, makeKey, readCode } from '../lib/phone.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const appDir = fileURLToPath(new URL('../../apps/phone/dist', import.meta.url));
const CODE = /^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$/;

/** A relay for members that serves the app, with GitHub if it should ask there, and the app with a key just made. */
async function open({ organisations }: { organisations?: readonly string[] } = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const github =
    organisations === undefined ? null : await Github.start({ redirectUris: [`${url}/v1/github/callback`] });
  if (github !== null) onTestFinished(() => github[Symbol.asyncDispose]());
  const relay = await testRelay({
    port,
    appDir,
    push: { contact: 'mailto:ops@example.org', services: [] },
    ...(github !== null && {
      github: { ...githubApp, users: [], organisations: organisations ?? [], webUrl: github.url, apiUrl: github.url },
    }),
  });
  onTestFinished(() => relay.close());
  const folder = tempFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const browser = await openBrowser(join(folder.path, 'phone'));
  onTestFinished(() => browser[Symbol.asyncDispose]());
  const { page } = browser;
  await page.goto(url);
  await makeKey(page, { device: 'Pixel' });
  return { relay, url, page, home: join(folder.path, 'home') };
}

/** From where the app offers it, to GitHub, and what the person does there. */
async function signIn(page: Page, account: string, button: 'Authorize' | 'Cancel'): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with GitHub' }).click();
  await page.getByLabel('Account').selectOption(account);
  await page.getByRole('button', { name: button }).click();
}

/** With the device in: a code on the screen, the command that it is for, the pairing, a computer that can be reached. */
async function bringComputer(page: Page, url: string, home: string): Promise<void> {
  await page.getByRole('link', { name: 'Invite a computer' }).click();
  await page.getByRole('button', { name: 'Make a code' }).click();
  const command = await page.getByText(/^palmkey up --relay /).textContent();
  const [, relay = '', code = ''] = /--relay (\S+) --invite (\S+)$/.exec(command ?? '') ?? [];
  expect(relay).toBe(url);
  expect(code).toMatch(CODE);
  expect((await page.locator('main').innerText()).replace(/\s/g, '')).toContain(code);

  const daemon = startUp({ home, port: await freePort(), args: ['--relay', relay, '--invite', code] });
  onTestFinished(() => daemon[Symbol.asyncDispose]());
  await page.goto(await daemon.link());
  await confirmLink(page);
  daemon.child.write(`${await readCode(page)}\n`);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('link', { name: 'Computers' }).first().click();
  await page.getByRole('heading', { name: 'Computers', level: 1 }).waitFor();
  await page.getByText('Reachable', { exact: true }).first().waitFor();
  expect(await page.getByText('This relay asks who you are').count()).toBe(0);
}

test('a person signs in with GitHub from a phone alone, invites a computer, and pairs it', async () => {
  const { relay, url, page, home } = await open({ organisations: ['Garden'] });
  await page.getByRole('heading', { name: 'This relay asks who you are' }).waitFor();
  await page.getByRole('button', { name: 'Get in' }).click();
  await signIn(page, 'Ada', 'Authorize');
  await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  expect(await relay.operator.accounts()).toMatchObject([{ githubUser: 1001, devices: 1 }]);

  await bringComputer(page, url, home);
  expect(await relay.operator.accounts()).toMatchObject([{ githubUser: 1001, devices: 2 }]);
});

test('who cancels at GitHub, or is in no organisation that is let in, is told so and is not in', async () => {
  const { relay, url, page } = await open({ organisations: ['Garden'] });
  await page.getByRole('button', { name: 'Later' }).click();
  for (const [account, button] of [
    ['Ada', 'Cancel'],
    ['dora', 'Authorize'],
  ] as const) {
    await page.getByRole('link', { name: 'Get in' }).click();
    await signIn(page, account, button);
    await page.getByRole('heading', { name: 'You were not let in' }).waitFor();
    await page.getByText('You cancelled at GitHub, or are not among those that the relay is for').waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await page.getByRole('button', { name: 'Done' }).click();
  }
  expect(await relay.operator.accounts()).toEqual([]);

  await page.goto(`${url}/computers/invite`);
  await page.getByRole('heading', { name: 'The relay does not know this device' }).waitFor();
  expect(await page.getByRole('button', { name: 'Make a code' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Get in' }).click();
  await page.getByRole('button', { name: 'Sign in with GitHub' }).waitFor();
});

test('a person types an operator’s invitation, after one that is not good, invites a computer, and pairs it', async () => {
  const { relay, url, page, home } = await open();
  const { code } = await relay.operator.invite({ uses: 1, lifetimeMs: 60_000 });
  await page.getByRole('button', { name: 'Later' }).click();
  await page.getByRole('link', { name: 'Computers' }).first().click();
  await page.getByRole('link', { name: 'Get in' }).click();
  expect(await page.getByRole('button', { name: 'Sign in with GitHub' }).count()).toBe(0);
  const field = page.getByLabel('I have an invitation');
  const use = page.getByRole('button', { name: 'Use it' });
  await field.fill('00000-00000-00000-00000');
  await use.click();
  await page.getByText('The relay does not take it').waitFor();
  await field.fill(code.toLowerCase());
  await use.click();
  await page.getByRole('heading', { name: 'The relay knows this device' }).waitFor();
  expect(await relay.operator.accounts()).toMatchObject([{ githubUser: null, devices: 1 }]);

  await bringComputer(page, url, home);
  expect(await relay.operator.accounts()).toMatchObject([{ githubUser: null, devices: 2 }]);
  expect((await relay.operator.devices()).map(({ seenOn }) => seenOn !== null)).toEqual([true, true]);
});

test('notifications are offered once where the relay wakes devices, and a browser that blocks them is named', async () => {
  const { page, relay, url, home } = await open();
  await page.context().grantPermissions(['notifications']);
  const { code } = await relay.operator.invite({ uses: 1, lifetimeMs: 60_000 });
  await page.getByRole('button', { name: 'Get in' }).click();
  await page.getByLabel('I have an invitation').fill(code);
  await page.getByRole('button', { name: 'Use it' }).click();
  await bringComputer(page, url, home);
  const offer = page.getByRole('heading', { name: 'Be woken when something asks' });

  await page.getByRole('link', { name: 'Inbox' }).first().click();
  await offer.waitFor();
  await page.getByRole('link', { name: 'Notifications', exact: true }).click();
  await page.getByRole('switch', { name: 'Wake this device when something asks' }).waitFor();
  await page.goto(url);
  await offer.waitFor();
  const browser = await page.context().newCDPSession(page);
  const allow = (setting: 'granted' | 'denied') =>
    browser.send('Browser.setPermission', { permission: { name: 'notifications' }, setting, origin: url });
  await allow('denied');
  await page.reload();
  await page.getByRole('heading', { name: 'Notifications are blocked' }).waitFor();
  await page.getByRole('button', { name: 'No, thanks' }).click();
  await allow('granted');
  await page.reload();
  await page.getByText('Reachable', { exact: true }).waitFor();
  await page.waitForFunction(() => Notification.permission === 'granted');
  expect(await offer.count()).toBe(0);
});

test('the relay of a computer that runs palmkey up leads nobody past the pairing', async () => {
  const folder = tempFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const daemon = startUp({ home: join(folder.path, 'home'), port: await freePort() });
  onTestFinished(() => daemon[Symbol.asyncDispose]());
  const { origin } = new URL(await daemon.link());
  const browser = await openBrowser(join(folder.path, 'phone'));
  onTestFinished(() => browser[Symbol.asyncDispose]());
  const { page } = browser;
  const asked = page.waitForResponse(`${origin}/v1/relay`);
  await page.goto(origin);
  await makeKey(page, { device: 'Pixel' });
  expect((await asked).status()).toBe(200);
  // Asked again, for Chromium does not keep the body of an answer that the page is done with.
  expect(await (await fetch(`${origin}/v1/relay`)).json()).toMatchObject({ admission: ['invitation'], own: true });
  const line = page.getByText('This relay asks who you are');
  expect(await line.count()).toBe(0);
  await page.getByRole('button', { name: 'Later' }).click();
  await page.goto(`${origin}/computers/invite`);
  await page.getByText('A computer on which palmkey up runs needs no invitation').waitFor();
  for (const place of ['Inbox', 'Computers']) {
    await page.getByRole('link', { name: place }).first().click();
    await page.getByRole('heading', { name: place }).first().waitFor();
    expect(await line.count()).toBe(0);
  }
});
