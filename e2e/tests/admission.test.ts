/** Who a relay lets in: a person whom GitHub names, an invited one, anybody where it is open. In real Chromium. */
import { toBase64Url } from '@palmkey/envelope';
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { RelayOptions } from '@palmkey/relay';
import { TestDevice } from '../../packages/relay/src/testing/test-device.ts';
import { codeOf, testRelay } from '../../packages/relay/src/testing/test-relay.ts';
import { openBrowser } from '../lib/browser.ts';
import { makeKey } from '../lib/phone.ts';
import { Github, githubApp } from '../lib/github.ts';

/** The port must be known before the relay listens: GitHub has the address it goes back to registered. */
async function freePort(): Promise<number> {
  const server = createNetServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

interface Setting {
  readonly users?: readonly string[];
  readonly organisations?: readonly string[];
  readonly clientSecret?: string;
  readonly status?: number;
  readonly options?: Partial<RelayOptions>;
}

/** A relay that people sign in to, and the GitHub that it asks. */
async function start(setting: Setting = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { status } = setting;
  const github = await Github.start({
    redirectUris: [`${url}/v1/github/callback`],
    ...(status !== undefined && { status }),
  });
  onTestFinished(() => github[Symbol.asyncDispose]());
  const relay = await testRelay({
    port,
    github: {
      clientId: githubApp.clientId,
      clientSecret: setting.clientSecret ?? githubApp.clientSecret,
      users: setting.users ?? [],
      organisations: setting.organisations ?? [],
      webUrl: github.url,
      apiUrl: github.url,
    },
    ...setting.options,
  });
  onTestFinished(() => relay.close());
  return { relay, github, url };
}

async function nonceOf(url: string): Promise<string> {
  const answer = (await (await fetch(`${url}/v1/github/nonce`, { method: 'POST' })).json()) as { nonce: string };
  return answer.nonce;
}

async function formOf(device: TestDevice, url: string, back = url): Promise<URLSearchParams> {
  return new URLSearchParams({ ...device.signInFields(await nonceOf(url), url), back });
}

async function begin(url: string, form: URLSearchParams, origin: string) {
  const answer = await fetch(`${url}/v1/github/start`, {
    method: 'POST',
    body: form,
    headers: { origin },
    redirect: 'manual',
  });
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return {
    status: answer.status,
    cookie,
    cookieLine: answer.headers.get('set-cookie'),
    location: answer.headers.get('location') ?? '',
  };
}

/** What the person does at GitHub; the address that their browser is sent back to. */
async function decide(github: Github, location: string, login: string, authorize = true): Promise<string> {
  const form = new URLSearchParams(new URL(location).search);
  form.delete('client_id');
  form.set('login', login);
  form.set('authorize', authorize ? '1' : '0');
  const answer = await fetch(`${github.url}/authorize`, { method: 'POST', body: form, redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

async function comeBack(address: string, cookie: string): Promise<string> {
  const answer = await fetch(address, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
  return answer.headers.get('location') ?? '';
}

async function entered(device: TestDevice, url: string): Promise<string> {
  const socket = await device.connect(url);
  const frame = await socket.next();
  socket.ws.terminate();
  return frame.type === 18 ? 'admitted' : codeOf(frame);
}

test('in Chromium, a form of the relay’s own origin leads over GitHub back to the app, and the device is in', async () => {
  const { relay, url } = await start({ users: ['ADA'] });
  const device = new TestDevice();
  expect(await entered(device, url)).toBe('not-admitted');
  const profile = await mkdtemp(join(tmpdir(), 'palmkey-e2e-'));
  onTestFinished(() => rm(profile, { recursive: true, force: true }));
  await using browser = await openBrowser(profile, { serviceWorkers: false });
  const { page } = browser;
  // The app's page stands in for: what counts is the browser, its cookie and its `Origin`.
  await page.route(`${url}/`, async (route) =>
    route.fulfill({
      contentType: 'text/html',
      headers: { 'referrer-policy': 'strict-origin' },
      body: `<form method="post" action="/v1/github/start">${[...(await formOf(device, url))]
        .map(([name, value]) => `<input name="${name}" value="${value}">`)
        .join('')}<button>Sign in</button></form>`,
    }),
  );
  await page.goto(`${url}/`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Account').selectOption('Ada');
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.waitForURL(`${url}/#signed-in`);
  expect(await page.context().cookies()).toEqual([]);
  expect(await entered(device, url)).toBe('admitted');
  const [account] = await relay.operator.accounts();
  expect(account).toMatchObject({ githubUser: 1001, devices: 1 });

  await page.goto(`${url}/`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForURL(`${url}/#sign-in-failed=sign-in-refused`);
});

test('in the app, a person signs in with GitHub and is back in the app, which says what came of it', async () => {
  const { relay, url } = await start({
    users: ['Ada'],
    options: { appDir: fileURLToPath(new URL('../../apps/phone/dist', import.meta.url)) },
  });
  const profile = await mkdtemp(join(tmpdir(), 'palmkey-e2e-'));
  onTestFinished(() => rm(profile, { recursive: true, force: true }));
  await using browser = await openBrowser(profile);
  const { page } = browser;
  await page.goto(url);
  await makeKey(page);
  await page.goto(`${url}/computers/admission?relay=${encodeURIComponent(url)}`);
  await page.getByRole('button', { name: 'Sign in with GitHub' }).click();
  await page.getByLabel('Account').selectOption('dora');
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByText('You were not let in').waitFor();
  expect(await relay.operator.accounts()).toEqual([]);

  await page.goto(`${url}/computers/admission?relay=${encodeURIComponent(url)}`);
  await page.getByRole('button', { name: 'Sign in with GitHub' }).click();
  await page.getByLabel('Account').selectOption('Ada');
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByText('Signed in', { exact: true }).waitFor();
  expect(new URL(page.url()).hash).toBe('');
  expect(await relay.operator.accounts()).toMatchObject([{ githubUser: 1001, devices: 1 }]);
}, 120_000);

test('a form of a foreign page is refused by Chromium’s own Origin', async () => {
  const { url } = await start();
  const form = await formOf(new TestDevice(), url);
  const foreign = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    const fields = [...form].map(([name, value]) => `<input name="${name}" value="${value}">`);
    response.end(`<form method="post" action="${url}/v1/github/start">${fields.join('')}<button>Win</button></form>`);
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void foreign.close());
  const address = foreign.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const profile = await mkdtemp(join(tmpdir(), 'palmkey-e2e-'));
  onTestFinished(() => rm(profile, { recursive: true, force: true }));
  await using browser = await openBrowser(profile);
  await browser.page.goto(`http://127.0.0.1:${port}/`);
  const answer = browser.page.waitForResponse(`${url}/v1/github/start`);
  await browser.page.getByRole('button', { name: 'Win' }).click();
  expect((await answer).status()).toBe(403);
});

test('a second device of a person joins their account; a third person begins another', async () => {
  const { relay, github, url } = await start();
  for (const login of ['Ada', 'Ada', 'bert']) {
    const { cookie, cookieLine, location } = await begin(url, await formOf(new TestDevice(), url), url);
    expect(cookieLine).toMatch(/; HttpOnly; SameSite=Lax$/);
    expect(location).not.toContain('scope');
    expect(await comeBack(await decide(github, location, login), cookie)).toBe(`${url}/#signed-in`);
  }
  const accounts = await relay.operator.accounts();
  expect(accounts.map(({ githubUser, devices }) => [githubUser, devices])).toEqual([
    [1001, 2],
    [1002, 1],
  ]);
  expect(relay.log.join('')).not.toMatch(/gho_|the-secret-of-the-relay/);
});

test.each([
  ['Ada', 'signed-in'],
  ['bert', 'sign-in-failed=sign-in-refused'],
  ['cleo', 'sign-in-failed=sign-in-refused'],
  ['dora', 'sign-in-failed=sign-in-refused'],
])('of an organisation whose members are let in, %s: %s', async (login, end) => {
  const { github, url } = await start({ organisations: ['Garden'], users: ['somebody-else'] });
  const device = new TestDevice();
  const { cookie, location } = await begin(url, await formOf(device, url), url);
  expect(new URL(location).searchParams.get('scope')).toBe('read:org');
  expect(await comeBack(await decide(github, location, login), cookie)).toBe(`${url}/#${end}`);
  expect(await entered(device, url)).toBe(end === 'signed-in' ? 'admitted' : 'not-admitted');
});

test('a device is signed in for only with its own signature, over a nonce of this relay, once', async () => {
  const { relay, url } = await start();
  const other = await start();
  const [mine, foreign] = [new TestDevice(), new TestDevice()];
  const statusOf = async (fields: Record<string, string>) =>
    (await begin(url, new URLSearchParams({ ...fields, back: url }), url)).status;
  const good = async () => mine.signInFields(await nonceOf(url), url);

  // The keys of a device that somebody has only seen, with what they can sign themselves, or without.
  const { signingKey, agreementKey } = foreign.signInFields(await nonceOf(url), url);
  expect(await statusOf({ ...(await good()), signingKey, agreementKey })).toBe(403);
  expect(await statusOf({ ...(await good()), agreementKey })).toBe(403);
  expect(await statusOf({ signingKey, agreementKey })).toBe(400);

  const used = await good();
  expect(await statusOf(used)).toBe(303);
  expect(await statusOf(used)).toBe(400);
  expect(await statusOf(mine.signInFields(toBase64Url(new Uint8Array(32)), url))).toBe(400);

  // What was signed for one relay, with a nonce that the other one has got there, is of no use there.
  const carried = mine.signInFields(await nonceOf(url), other.url);
  expect(await statusOf(carried)).toBe(403);
  expect(await statusOf({ ...carried, origin: url })).toBe(403);
  expect(await statusOf(mine.signInFields(await nonceOf(other.url), url))).toBe(400);
  expect(await relay.operator.accounts()).toEqual([]);
});

test('a login is held to whom it was first: who is renamed stays in, who takes the name does not get in', async () => {
  const { relay, github, url } = await start({ users: ['Ada'] });
  const signIn = async (login: string) => {
    const { cookie, location } = await begin(url, await formOf(new TestDevice(), url), url);
    return (await comeBack(await decide(github, location, login), cookie)).replace(`${url}/#`, '');
  };
  expect(await signIn('Ada')).toBe('signed-in');
  await github.rename('Ada', 'ada-lovelace');
  await github.rename('bert', 'ada');
  expect(await signIn('ada')).toBe('sign-in-failed=name-taken');
  expect(relay.log.join('')).toContain('"listed":"ada"');
  expect(await signIn('ada-lovelace')).toBe('signed-in');
  expect(await relay.operator.accounts()).toMatchObject([{ githubUser: 1001, devices: 2 }]);
});

test('an organisation is held to which it was first: members of another that took its name are not let in', async () => {
  const { relay, github, url } = await start({ organisations: ['garden'] });
  const signIn = async (login: string) => {
    const { cookie, location } = await begin(url, await formOf(new TestDevice(), url), url);
    return (await comeBack(await decide(github, location, login), cookie)).replace(`${url}/#`, '');
  };
  expect(await signIn('Ada')).toBe('signed-in');
  await github.rename('garden', 'orchard');
  expect(await signIn('Ada')).toBe('sign-in-failed=sign-in-refused');
  await github.rename('meadow', 'garden');
  expect(await signIn('dora')).toBe('sign-in-failed=name-taken');
  expect(relay.log.join('')).toContain('"listed":"garden"');
  expect(await relay.operator.accounts()).toMatchObject([{ githubUser: 1001 }]);
});

test('a state or cookie that is forged, missing, of another browser or used already lets nobody in', async () => {
  const { github, url } = await start();
  const bad = `${url}/#sign-in-failed=bad-state`;
  const device = new TestDevice();
  const form = () => formOf(device, url);
  const first = await begin(url, await form(), url);
  const address = await decide(github, first.location, 'Ada');
  const forged = new URL(address);
  forged.searchParams.set('state', 'A'.repeat(43));
  expect(await comeBack(forged.href, first.cookie)).toBe(bad);
  expect(await comeBack(address, '')).toBe(bad);
  // The state was used up by the attempt without the cookie.
  expect(await comeBack(address, first.cookie)).toBe(bad);

  const [mine, theirs] = [await begin(url, await form(), url), await begin(url, await form(), url)];
  expect(await comeBack(await decide(github, mine.location, 'Ada'), theirs.cookie)).toBe(bad);
  expect(await entered(device, url)).toBe('not-admitted');

  const good = await begin(url, await form(), url);
  const back = await decide(github, good.location, 'Ada');
  expect(await comeBack(back, good.cookie)).toBe(`${url}/#signed-in`);
  expect(await comeBack(back, good.cookie)).toBe(bad);
  const replayed = await begin(url, await form(), url);
  const withOldCode = new URL(await decide(github, replayed.location, 'Ada'));
  withOldCode.searchParams.set('code', new URL(back).searchParams.get('code') ?? '');
  expect(await comeBack(withOldCode.href, replayed.cookie)).toBe(bad);
});

test('the way back is to the relay or an app that it was told of, and the Origin one of these', async () => {
  const app = 'https://app.example.org';
  const { url } = await start();
  const device = new TestDevice();
  expect((await begin(url, await formOf(device, url), app)).status).toBe(403);
  expect((await begin(url, await formOf(device, url, app), url)).status).toBe(403);
  expect((await begin(url, await formOf(device, url), 'null')).status).toBe(403);
  const malformed = await formOf(device, url);
  malformed.set('signingKey', 'AA');
  expect((await begin(url, malformed, url)).status).toBe(400);
});

test('where GitHub is down, has had enough, or does not know the relay, nobody is let in', async () => {
  for (const setting of [{ clientSecret: 'wrong' }, { status: 500 }, { status: 403 }]) {
    const { github, url, relay } = await start(setting);
    const device = new TestDevice();
    const { cookie, location } = await begin(url, await formOf(device, url), url);
    const back =
      setting.status === undefined
        ? await decide(github, location, 'Ada')
        : `${url}/v1/github/callback?code=x&state=${new URL(location).searchParams.get('state') ?? ''}`;
    expect(await comeBack(back, cookie)).toBe(`${url}/#sign-in-failed=unavailable`);
    expect(await entered(device, url)).toBe('not-admitted');
    if (setting.clientSecret) expect(relay.log.join('')).toContain('incorrect_client_credentials');
  }
});

test('whom the operator has blocked does not come back by signing in', async () => {
  const { relay, github, url } = await start();
  const [one, other] = [new TestDevice(), new TestDevice()];
  const signIn = async (device: TestDevice) => {
    const { cookie, location } = await begin(url, await formOf(device, url), url);
    return comeBack(await decide(github, location, 'dora'), cookie);
  };
  expect(await signIn(one)).toBe(`${url}/#signed-in`);
  const [account] = await relay.operator.accounts();
  expect(await relay.operator.block({ kind: 'account', id: account!.id })).toBe(true);
  expect(await signIn(other)).toBe(`${url}/#sign-in-failed=blocked`);
  expect(await entered(one, url)).toBe('blocked');
  expect(await relay.operator.unblock({ kind: 'account', id: account!.id })).toBe(true);
  expect(await entered(one, url)).toBe('admitted');
});

test('a relay says whom it lets in', async () => {
  const { url } = await start();
  const facts = async (relay: string): Promise<unknown> => (await fetch(`${relay}/v1/relay`)).json();
  expect(await facts(url)).toMatchObject({ protocol: 2, admission: ['invitation', 'github'], push: null });
  const open = await testRelay({ admission: 'open' });
  onTestFinished(() => open.close());
  expect(await facts(open.url)).toMatchObject({ admission: ['open', 'invitation'] });
});
