/** Two phones of one account in step: what one allows the other lists and ends, and both show what was decided. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDevice, beginJoining, letIn, nameDevice, openAt, readNewcomer, typeJoining } from '../lib/account-pages.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import type { Child } from '../lib/child.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairFresh, type Paired } from '../lib/phone.ts';
import { answer } from '../lib/slip.ts';
import { sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const home = join(folder.path, 'home');
let relay: Child;
let origin: string;
let daemon: Daemon;
let first: Paired;
let second: PhoneBrowser;
let sshd: Sshd;

beforeAll(async () => {
  const port = await freePort();
  relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port));
  await relay.prints(/palmkey up --relay/);
  origin = `http://localhost:${port}`;
  daemon = startUp({ home, port: port + 1, args: ['--relay', origin] });
  first = await pairFresh(daemon, join(folder.path, 'first'), { device: 'First phone', key: 'First key' });
  second = await openBrowser(join(folder.path, 'second'));
  sshd = await startSshd(join(folder.path, 'sshd'));
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Until the computer's word on its account has this in it. */
async function accountSays(text: string): Promise<void> {
  const said = async (): Promise<string> => (await palmkey(home, 'account')).output;
  await expect.poll(said, { timeout: 45_000, interval: 500 }).toContain(text);
}

/** The first phone's key, as a line for authorized_keys. */
async function firstKey(): Promise<string> {
  const { stdout } = await palmkey(home, 'keys', '--json');
  return /ssh-ed25519 [A-Za-z0-9+/=]+/.exec(stdout)?.[0] ?? expect.unreachable(stdout);
}

const login = () => sshClient(folder.path, home, sshd).startInTerminal('echo', 'in');
const allowedRow = (page: Page) => page.getByText(/Allowed right now · 1/);

/** The first phone approves a login, and allows the host for an hour. */
async function allowForAnHour(): Promise<void> {
  const ssh = login();
  await first.page.getByRole('button', { name: 'This host for 1 h' }).click();
  const sheet = first.page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Approve and allow for 1 h', disabled: false }).click();
  expect(await ssh.ended(), ssh.output).toBe(0);
  await allowedRow(first.page).waitFor();
}

test('a second phone joins, and the computer knows both', async () => {
  await beginJoining(second.page, origin);
  const { words } = await addDevice(first.page);
  await typeJoining(second.page, words ?? expect.unreachable());
  await nameDevice(second.page, 'Second phone');
  await readNewcomer(first.page);
  await letIn(first.page, second.page, 'Second phone');
  await first.page.goto(origin);
  await second.page.goto(origin);
  await accountSays('First phone');
  await accountSays('Second phone');
  sshd.authorize([await firstKey()]);
});

test('what one phone allows the other lists, with whose it is', async () => {
  const ssh = login();
  await answer(first.page);
  expect(await ssh.ended(), ssh.output).toBe(0);
  await allowForAnHour();
  // It shows still what it was asked along, and who has answered that.
  await second.page.goto(origin);
  await allowedRow(second.page).waitFor({ timeout: 30_000 });
  await second.page
    .getByText(/on First phone/)
    .first()
    .waitFor();
  const again = login();
  expect(await again.ended(), again.output).toBe(0);
});

test('the other ends it, and the next login asks', async () => {
  await second.page.goto(origin);
  await second.page.getByRole('button', { name: /^Stop: .*, on First phone$/ }).click();
  await allowedRow(second.page).waitFor({ state: 'detached', timeout: 30_000 });
  await allowedRow(first.page).waitFor({ state: 'detached', timeout: 30_000 });
  const ssh = login();
  await answer(first.page);
  expect(await ssh.ended(), ssh.output).toBe(0);
});

test('a phone that was away while its permission was ended does not use it when it is back', async () => {
  await allowForAnHour();
  // It shows still what it was asked along, and who has answered that.
  await second.page.goto(origin);
  await allowedRow(second.page).waitFor({ timeout: 30_000 });
  await first.page.goto('about:blank');
  await second.page.getByRole('button', { name: /^Stop: .*, on First phone$/ }).click();
  await allowedRow(second.page).waitFor({ state: 'detached', timeout: 30_000 });
  await first.page.goto(origin);
  const ssh = login();
  await answer(first.page);
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(await allowedRow(first.page).count()).toBe(0);
});

test('both show what was decided, and on which phone', async () => {
  await openAt(second.page, '/history');
  await second.page
    .getByText(/Approved by permission on First phone/)
    .first()
    .waitFor({ timeout: 30_000 });
  await openAt(first.page, '/history');
  await first.page
    .getByText(/Approved by permission/)
    .first()
    .waitFor();
  expect(await first.page.getByText(/on First phone/).count()).toBe(0);
});
