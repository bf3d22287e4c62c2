/** Phones and computers from before there were accounts: lifted onto a chain with their pairings, each in its own time. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeWords, openAt } from '../lib/account-pages.ts';
import { printed } from '../lib/account-scene.ts';
import { approve } from '../lib/approve.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { oldStore, restoreComputer, restorePhone } from '../lib/old-store.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { keyLineOf, makeKey } from '../lib/phone.ts';
import { pairScriptedHost } from '../lib/scripted-host.ts';
import { pairScriptedPhone } from '../lib/scripted-phone.ts';
import { sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, type TempFolder, tempFolder } from '../lib/temp.ts';

let folder: TempFolder;
let home: string;
let port: number;
let origin: string;
let sshd: Sshd;
let browser: PhoneBrowser;
let page: Page;
beforeEach(async () => {
  folder = tempFolder();
  home = join(folder.path, 'home');
  port = await freePort();
  origin = `http://localhost:${port}`;
  sshd = await startSshd(join(folder.path, 'sshd'));
  browser = await openBrowser(join(folder.path, 'phone'));
  ({ page } = browser);
});
afterEach(async () => {
  await browser[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const start = (): Daemon => startUp({ home, port, args: ['--no-try', '--no-pair'] });

async function logIn(phone: string): Promise<void> {
  sshd.authorize([await keyLineOf(home)]);
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('true');
  await approve(page);
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.output).toContain(`approved on ${phone}`);
}

test('a store and a folder of before: the phone begins an account with its pairing, the computer is in it, its key still logs in, and words are asked for', async () => {
  const store = oldStore();
  expect(store.schema).toBe(4);
  restoreComputer(store, home);
  await using daemon = start();
  await daemon.child.prints(/Ctrl-C stops/);
  expect((await palmkey(home, 'account')).output).toContain('This computer is in no account');
  const key = await keyLineOf(home);
  expect(key).toContain('Old key');

  await restorePhone(page, store, origin);
  await page.goto(origin);
  await page.getByText('Write down your recovery words').waitFor();
  const text = await printed(home, 'account', (found) => found.includes('Old phone') && !found.includes('not checked'));
  expect(text).toContain('this computer');
  await openAt(page, '/devices');
  await page.getByRole('link', { name: /^Old phone/ }).waitFor();
  await page.getByRole('heading', { name: 'Computers that ask' }).waitFor();
  await page.goto(origin);
  await logIn('Old phone');
  expect(await keyLineOf(home)).toBe(key);

  await makeWords(page);
  await page.goto(origin);
  await page.getByText('Nothing is asking.').waitFor();
  expect(await page.getByText('Write down your recovery words').count()).toBe(0);
  expect(browser.problems).toEqual([]);
});

test('a phone of before at a computer of now: it answers as it did, and the computer stays out of every account', async () => {
  await using daemon = start();
  await daemon.child.prints(/Ctrl-C stops/);
  using phone = await pairScriptedPhone(home, { name: 'Old phone', speaks: { from: 1, to: 3 } });
  sshd.authorize([phone.keyLine]);
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('true');
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.output).toContain('approved on Old phone');
  expect((await palmkey(home, 'account')).output).toContain('This computer is in no account');
});

test('a computer of before at a phone of now: it is known by its pairing, and the phone says why', async () => {
  await using relay = startPalmkey(home, 'relay', '--port', String(port));
  await relay.prints(/palmkey up --relay/);
  await page.goto(origin);
  await makeKey(page, { device: 'New phone' });
  using host = await pairScriptedHost(origin, page, 'old laptop');
  await host.say({ kind: 'speaks', from: 1, to: 3 });
  await page.getByRole('link', { name: 'Computers' }).first().click();
  await page.getByRole('link', { name: /^old laptop/ }).click();
  await page.getByText('Not yet: it runs an older Palmkey. It is asked once that is updated').waitFor();
  await openAt(page, '/devices');
  await page.getByRole('link', { name: /^New phone/ }).waitFor();
  expect(await page.getByRole('heading', { name: 'Computers that ask' }).count()).toBe(0);
});
