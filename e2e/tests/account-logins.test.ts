/** Two phones of one account and a computer: both approve, one is removed, one comes back by the words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addDevice,
  beginJoining,
  hold,
  letIn,
  makeWords,
  nameDevice,
  openAt,
  readNewcomer,
  revokeDevice,
  typeJoining,
} from '../lib/account-pages.ts';
import { approve } from '../lib/approve.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { findForms } from '../lib/canary.ts';
import type { Child } from '../lib/child.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairFresh, type Paired } from '../lib/phone.ts';
import { sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const home = join(folder.path, 'home');
let relay: Child;
let origin: string;
let port: number;
let daemon: Daemon;
let first: Paired;
let second: PhoneBrowser;
let sshd: Sshd;
let words: readonly string[];
let joiningWords: string;

const startHost = () => startUp({ home, port: port + 1, args: ['--relay', origin, '--no-pair'] });

beforeAll(async () => {
  port = await freePort();
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

/** The account as the computer tells it, once `isThere` holds. */
async function accountOnHost(isThere: (text: string) => boolean): Promise<string> {
  let text = '';
  await expect
    .poll(
      async () => {
        text = (await palmkey(home, 'account')).output;
        return isThere(text);
      },
      { timeout: 45_000, interval: 500, message: 'the account on the computer' },
    )
    .toBe(true)
    .catch((error: unknown) => {
      throw new Error(`the computer says:\n${text}`, { cause: error });
    });
  return text;
}

/** The public keys that the computer can ask for, once there are so many. */
async function keyLines(count: number): Promise<string[]> {
  let lines: string[] = [];
  await expect
    .poll(
      async () => {
        const { stdout } = await palmkey(home, 'keys', '--json');
        lines = [...stdout.matchAll(/ssh-ed25519 [A-Za-z0-9+/=]+[^"]*/g)].map(([line]) => line);
        return new Set(lines).size;
      },
      { timeout: 45_000, interval: 500 },
    )
    .toBe(count);
  return lines;
}

test('the computer is in the account of the phone that paired it', async () => {
  await accountOnHost((text) => text.includes('First phone'));
  await openAt(first.page, '/devices');
  await first.page.getByRole('heading', { name: 'Computers that ask' }).waitFor();
});

test('the phone makes its recovery words', async () => {
  words = await makeWords(first.page);
  expect(new Set(words).size).toBeGreaterThan(6);
  expect(words).toHaveLength(12);
});

test('a second phone joins, and answers the computer that it never paired', async () => {
  await beginJoining(second.page, origin);
  const shown = await addDevice(first.page);
  joiningWords = shown.words ?? expect.unreachable();
  await typeJoining(second.page, joiningWords);
  const code = await nameDevice(second.page, 'Second phone');
  expect((await readNewcomer(first.page)).code).toBe(code);
  await letIn(first.page, second.page, 'Second phone');
  await accountOnHost((text) => text.includes('Second phone'));
  sshd.authorize([(await keyLines(2))[1] ?? '']);
  await second.page.goto(origin);
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'by-the-second');
  await approve(second.page);
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.output).toContain('approved on Second phone');
});

test('the first phone still answers it as well', async () => {
  sshd.authorize([(await keyLines(2))[0] ?? '']);
  await first.page.goto(origin);
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'by-the-first');
  const another = first.page.getByRole('button', { name: /approve once/i });
  await another.waitFor();
  await approve(first.page);
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.output).toContain('approved on First phone');
});

test('a phone that is removed while the computer is off is refused by it when it is back', async () => {
  await daemon[Symbol.asyncDispose]();
  await revokeDevice(second.page, 'First phone');
  daemon = startHost();
  await daemon.child.prints(/Ctrl-C stops/);
  sshd.authorize(await keyLines(1));
  await first.page.goto(origin);
  await first.page
    .getByText(/Second phone/)
    .first()
    .waitFor();
  expect(await first.page.getByRole('button', { name: /approve once/i }).count()).toBe(0);
  await second.page.goto(origin);
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'after');
  await approve(second.page);
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.output).toContain('approved on Second phone');
});

test('from the twelve words an empty browser comes back in, and removes the phone that was lost', async () => {
  await using third = await openBrowser(join(folder.path, 'third'));
  const { page } = third;
  await page.goto(origin);
  await page.getByRole('button', { name: 'I only have my recovery words' }).click();
  await page.getByRole('textbox').first().fill(words.join(' '));
  await page.getByRole('button', { name: 'Find my account' }).click();
  await page.getByRole('heading', { name: 'Is this your account, as you left it?' }).waitFor({ timeout: 60_000 });
  await page.getByText('Second phone').first().waitFor();
  await page.getByLabel('This device').fill('Third phone');
  await page.getByRole('button', { name: 'Add this device' }).click();
  await page.getByRole('heading', { name: 'This device is in your account' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Remove Second phone' }).click();
  await hold(page, 'Hold to remove Second phone');
  await page.getByText('Second phone is removed').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Go to the inbox' }).click();
  await accountOnHost((text) => text.includes('Third phone'));
  sshd.authorize(await keyLines(1));
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'by-the-third');
  await approve(page);
  expect(await ssh.ended(), ssh.output).toBe(0);
});

test('the relay has stored the devices, and no name or word of theirs', async () => {
  const stored = Buffer.concat(
    readdirSync(join(folder.path, 'relay'), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
  );
  const { device } = JSON.parse((await palmkey(home, 'status', '--json')).stdout) as { device: { id: string } };
  expect(stored.includes(Buffer.from(device.id, 'hex'))).toBe(true);
  const three = words.flatMap((_, i) => (i % 3 === 0 ? [words.slice(i, i + 3).join(' ')] : []));
  const secrets = ['First phone', 'Second phone', 'Third phone', ...three, joiningWords.replace(/^\d+ /, '')];
  for (const secret of secrets) expect([secret, findForms(secret, stored)]).toEqual([secret, []]);
});
