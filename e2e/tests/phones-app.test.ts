/** Two phones of one person, each the app in a browser profile of its own, with one computer and then with two. */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { KeyFact } from '@palmkey/host/control';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve as approveShown } from '../lib/approve.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import type { Child } from '../lib/child.ts';
import { GitBench } from '../lib/git.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { confirmLink, makeKey, pairFresh, type Paired, readCode } from '../lib/phone.ts';
import { sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const home = join(folder.path, 'home');
let daemon: Daemon;
let first: Paired;
let second: PhoneBrowser;
let sshd: Sshd;
let relay: Child;
let origin: string;
let repository: string;
const git = new GitBench(folder.path, home);

beforeAll(async () => {
  const port = await freePort();
  relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port));
  await relay.prints(/palmkey up --relay/);
  origin = `http://localhost:${port}`;
  daemon = startUp({ home, port, args: ['--relay', origin] });
  first = await pairFresh(daemon, join(folder.path, 'pixel'), { device: 'Pixel', key: 'Pixel key' });
  second = await openBrowser(join(folder.path, 'tablet'));
  const pairing = startPalmkey(home, 'pair');
  const [link] = await pairing.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
  await second.page.goto(link);
  await makeKey(second.page, { device: 'Tablet', key: 'Tablet key' });
  pairing.write(`${await readCode(second.page)}\n`);
  expect(await pairing.ended()).toBe(0);
  await second.page.getByRole('button', { name: 'Go to the inbox' }).click();
  sshd = await startSshd(join(folder.path, 'sshd'));
  const keys = JSON.parse((await palmkey(home, 'keys', '--json')).stdout) as KeyFact[];
  expect(keys).toHaveLength(2);
  sshd.authorize(keys.map(({ line }) => line));
  repository = await git.repository('site');
  await git.ok(repository, 'config', 'user.name', 'Ada');
  await git.ok(repository, 'config', 'user.email', 'ada@example.org');
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const pages = () => [first.page, second.page] as const;

/** What has ended elsewhere stands until the person looks on. */
async function look(page: Page, button: Locator): Promise<void> {
  const onward = page.getByRole('button', { name: 'Show the next request' });
  await button.or(onward).first().waitFor();
  if (await onward.isVisible()) await onward.click();
}

async function approve(page: Page): Promise<void> {
  await look(page, page.getByRole('button', { name: /approve once/i }));
  await approveShown(page);
}

/** Which of the two has the key that is asked for: it alone can approve. */
async function withKey() {
  const holder = (page: Page) =>
    page
      .getByRole('button', { name: /approve once/i })
      .and(page.locator(':not([aria-disabled="true"])'))
      .waitFor()
      .then(() => page);
  return Promise.any(pages().map(holder));
}

test('use my other phone: a pass on one leads to the key of the other', async () => {
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'by-the-other');
  const holder = await withKey();
  const other = pages().find((page) => page !== holder) ?? holder;
  await other.getByText('On another phone of yours').waitFor();
  await holder.getByRole('button', { name: /use another/i }).click();
  await holder.getByRole('button', { name: 'Go on with another key' }).click();
  await approve(other);
  expect(await ssh.ended()).toBe(0);
  expect(ssh.output).toContain('by-the-other');
  expect(ssh.output).toMatch(/Palmkey ▶ passed on to another key \((Pixel|Tablet)\)/);
  expect(ssh.output).toMatch(/Palmkey ▶ approved on (Pixel|Tablet)/);
});

test('the phone without the key can have ssh go on too', async () => {
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'in');
  const holder = await withKey();
  const other = pages().find((page) => page !== holder) ?? holder;
  const another = other.getByRole('button', { name: 'Use another key' });
  await look(other, another);
  await another.click();
  await approve(other);
  expect(await ssh.ended()).toBe(0);
});

test('a commit and a tag are shown whole where the key is, and verify', async () => {
  const setUp = await git.palmkey(repository, 'git', 'setup', '--local', '--key', 'Tablet key');
  expect(setUp.exitCode, setUp.output).toBe(0);
  const commit = git.start(repository, 'commit', '-q', '--allow-empty', '-m', 'Add a page', '-m', 'About us.');
  await second.page.getByText('About us.').first().waitFor();
  await approve(second.page);
  expect(await commit.ended(), commit.output).toBe(0);
  expect((await git.run(repository, 'verify-commit', 'HEAD')).output).toContain('Good "git" signature');
  const tag = git.start(repository, 'tag', '-a', 'v1', '-m', 'Version one');
  await second.page.getByText('Version one').first().waitFor();
  await approve(second.page);
  expect(await tag.ended(), tag.output).toBe(0);
  expect((await git.run(repository, 'verify-tag', 'v1')).output).toContain('Good "git" signature');
});

test('a commit that the phone without the key rejects is not made', async () => {
  const commit = git.start(repository, 'commit', '-q', '--allow-empty', '-m', 'Never');
  const reject = first.page.getByRole('button', { name: 'Reject' });
  await look(first.page, reject);
  await reject.and(first.page.locator(':not([aria-disabled="true"])')).click();
  expect(await commit.ended()).not.toBe(0);
  expect(commit.output).toContain('rejected on Pixel, so nothing was signed');
  expect(await git.ok(repository, 'log', '--format=%s')).toBe('Add a page\n');
});

test('a phone serves two computers: each request says whose it is, and each gets its own answer', async () => {
  const otherHome = join(folder.path, 'other');
  await using other = startUp({
    home: otherHome,
    port: await freePort(),
    args: ['--relay', origin, '--no-pair'],
  });
  await other.child.prints(/Ctrl-C stops/);
  const pairing = startPalmkey(otherHome, 'pair');
  const [link] = await pairing.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
  await second.page.goto(link);
  await confirmLink(second.page);
  pairing.write(`${await readCode(second.page)}\n`);
  expect(await pairing.ended(), pairing.output).toBe(0);
  await second.page.goto(origin);
  const [one, two] = [new GitBench(join(folder.path, 'one'), otherHome), git];
  const there = await one.repository('there');
  await one.ok(there, 'config', 'user.name', 'Ada');
  await one.ok(there, 'config', 'user.email', 'ada@example.org');
  expect((await one.palmkey(there, 'git', 'setup', '--local')).exitCode).toBe(0);
  const commits = [
    one.start(there, 'commit', '-q', '--allow-empty', '-m', 'On the other computer'),
    two.start(repository, 'commit', '-q', '--allow-empty', '-m', 'On the first computer'),
  ];
  await approve(second.page);
  await approve(second.page);
  for (const commit of commits) expect(await commit.ended(), commit.output).toBe(0);
  expect((await one.run(there, 'verify-commit', 'HEAD')).output).toContain('Good "git" signature');
  expect((await two.run(repository, 'verify-commit', 'HEAD')).output).toContain('Good "git" signature');
});
