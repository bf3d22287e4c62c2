/** One account on many devices, from its first phone to the twelve words: phones A and B, a computer, real logins. */
import { FrameType } from '@palmkey/envelope';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addDevice,
  beginJoining,
  enterInstead,
  hold,
  letIn,
  makeWords,
  nameDevice,
  openAt,
  readJoining,
  readNewcomer,
  rejoin,
  revokeDevice,
  scanJoining,
  type ShownJoining,
  typeJoining,
} from '../lib/account-pages.ts';
import { printed as printedBy } from '../lib/account-scene.ts';
import { approve } from '../lib/approve.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { Cable } from '../lib/cable.ts';
import { findForms } from '../lib/canary.ts';
import type { Child } from '../lib/child.ts';
import { LineInHand } from '../lib/line-in-hand.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairFresh, type Paired } from '../lib/phone.ts';
import { writeQrVideo } from '../lib/qr-video.ts';
import { readSlip } from '../lib/slip.ts';
import { sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const home = join(folder.path, 'home');
/** What somebody typed or scanned, none of which the relay may have. */
const secrets: string[] = [];
let relay: Child;
let origin: string;
/** The computer's, from its first restart on. */
let cable: Cable;
let daemon: Daemon;
let a: Paired;
let b: PhoneBrowser;
let sshd: Sshd;
let words: readonly string[];

beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  cable = await Cable.lay(port);
  const origins = ['--public-url', origin, '--public-url', cable.origin];
  relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port), ...origins);
  await relay.prints(/palmkey up --relay/);
  daemon = startUp({ home, port: port + 1, args: ['--relay', origin] });
  a = await pairFresh(daemon, join(folder.path, 'a'), { device: 'Phone A', key: 'Phone A' });
  sshd = await startSshd(join(folder.path, 'sshd'));
});
afterAll(async () => {
  await b[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
  await cable[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const printed = (command: string, isThere: (text: string) => boolean) => printedBy(home, command, isThere);

/** The server takes the key of this phone alone; resolves once the computer offers it. */
async function authorize(phone: string): Promise<void> {
  const line = new RegExp(`(ssh-ed25519 [A-Za-z0-9+/=]+ ${phone})"`);
  const text = await printed('keys --json', (found) => line.test(found));
  sshd.authorize([line.exec(text)?.[1] ?? '']);
}

/** A login with the key of this phone, which approves it. */
async function logIn({ page }: Pick<PhoneBrowser, 'page'>, phone: string): Promise<void> {
  await authorize(phone);
  await page.goto(origin);
  await printed('status --json', (text) => isHere(text, phone));
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'logged-in');
  await approve(page).catch((error: unknown) => {
    throw new Error(`${phone} was not asked: ${ssh.output}`, { cause: error });
  });
  const code = await ssh.ended().catch(async (error: unknown) => {
    throw new Error(`${phone} shows: ${await page.locator('body').innerText()}`, { cause: error });
  });
  expect(code, ssh.output).toBe(0);
  expect(ssh.output).toContain(`approved on ${phone}`);
}

function isHere(status: string, phone: string): boolean {
  const { phones } = JSON.parse(status) as { phones: { name: string; reach: string }[] };
  return phones.some(({ name, reach }) => name === phone && reach === 'here');
}

/** Names B on its screen, compares the code on both, and lets it in. */
async function finish(name: string): Promise<void> {
  const code = await nameDevice(b.page, name);
  const asking = await readNewcomer(a.page);
  expect(asking.code).toBe(code);
  expect(asking.text).toContain(name);
  await letIn(a.page, b.page, name);
  await printed('account', (text) => text.includes(name));
}

/** B, with nothing but what its camera sees, on the page on which one joins. */
async function openB(name: string, shown: ShownJoining | null = null): Promise<void> {
  const film = join(folder.path, `${name}.y4m`);
  if (shown !== null) writeQrVideo(film, shown.rows);
  b = await openBrowser(join(folder.path, name), shown === null ? {} : { camera: film });
  await beginJoining(b.page, origin);
}

test('phone A makes an account and pairs a computer, which is in the account then', async () => {
  await printed('account', (text) => text.includes('Phone A') && !text.includes('not checked'));
  await openAt(a.page, '/devices');
  await a.page.getByRole('heading', { name: 'Computers that ask' }).waitFor();
});

test('phone A makes its recovery words', async () => {
  words = await makeWords(a.page);
  expect(words).toHaveLength(12);
});

test('phone A approves a login', () => logIn(a, 'Phone A'));

/** B has shown that it can join: ssh is offered five keys at most, and the next one is to be among them. */
async function leaveAgain(name: string): Promise<void> {
  await b[Symbol.asyncDispose]();
  await revokeDevice(a.page, name);
}

const shownByA = [
  ['kex3, a number and three words that are typed', 'B typed a number', undefined, /^\d+( [a-z]+){3}$/],
  ['kex2-v1, eight words that are typed', 'B typed eight words', 'Eight words', /^[a-z]+( [a-z]+){7}$/],
] as const;

test.each(shownByA)('B joins by %s, and both approve a login', async (_, name, way, form) => {
  const shown = await addDevice(a.page, way);
  expect(shown.words).toMatch(form);
  await openB(name);
  secrets.push((shown.words ?? '').replace(/^\d+ /, ''));
  // As somebody types: in capitals, with a space too many.
  await typeJoining(b.page, ` ${(shown.words ?? '').toUpperCase().replace(' ', '  ')}`);
  await finish(name);
  await logIn(b, name);
  await logIn(a, 'Phone A');
  await leaveAgain(name);
});

const scanned = [
  ['kex2-v1, eight words', 'B scanned eight words', 'Eight words'],
  ['kex2-v2, nine words', 'B scanned nine words', 'Nine words in a QR code'],
  ['kex3, the default', 'Phone B', undefined],
] as const;

test.each(scanned)('B joins by the QR code of %s, and both approve a login', async (_, name, way) => {
  const shown = await addDevice(a.page, way);
  await openB(name, shown);
  await scanJoining(b.page);
  await finish(name);
  await logIn(b, name);
  await logIn(a, 'Phone A');
  expect(b.problems).toEqual([]);
  if (name !== 'Phone B') await leaveAgain(name);
});

test.each(['words', 'link'] as const)('a device joins by what it shows itself: %s', async (what) => {
  const phoneB = b;
  await openB(`B showed ${what}`);
  await b.page.getByRole('button', { name: 'Show a code here instead' }).click();
  const shown = await readJoining(b.page);
  await enterInstead(a.page, (what === 'words' ? shown.words : shown.link) ?? '');
  await finish(`B showed ${what}`);
  await b[Symbol.asyncDispose]();
  b = phoneB;
});

test('A approves while the computer is offline, is revoked from B, and is refused by the computer when it is back', async () => {
  await daemon[Symbol.asyncDispose]();
  daemon = startUp({ home, port: Number(new URL(origin).port) + 1, args: ['--relay', cable.origin, '--no-pair'] });
  await daemon.child.prints(/Ctrl-C stops/);
  const line = await LineInHand.take(a.browser.context);
  await authorize('Phone A');
  await a.page.goto(origin);
  await printed('status --json', (text) => isHere(text, 'Phone A'));
  const accepted = [...sshd.log().matchAll(/Accepted publickey/g)].length;
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'never');
  await readSlip(a.page);
  cable.pull();
  const stored = line.heard((frame) => frame[1] === FrameType.stored);
  await approve(a.page);
  await stored;
  // From here on A hears nothing: what it knows is that it is in the account and has approved.
  line.holdDown();
  await revokeDevice(b.page, 'Phone A');
  await a.page.getByText(/^Approved · (sending to|.* has not confirmed)/).waitFor();
  expect(await a.page.getByRole('heading', { name: /removed from your account/ }).count()).toBe(0);
  cable.putBack();
  expect(await ssh.ended(90_000), ssh.output).not.toBe(0);
  expect(ssh.output).toContain('Phone A was taken out of your account, so its answer does not count');
  expect(ssh.output).toContain('Permission denied');
  expect([...sshd.log().matchAll(/Accepted publickey/g)]).toHaveLength(accepted);
  const log = await printed('log', (text) => /Phone A was taken out of the account +by Phone B/.test(text));
  expect(log).toContain('failed: it was taken out of your account');
  expect((await palmkey(home, 'status')).output).not.toContain('Phone A');
  expect(await a.page.getByRole('heading', { name: /removed from your account/ }).count()).toBe(0);
  line.letGo();
  await a.page.getByRole('heading', { name: 'This device was removed from your account' }).waitFor();
  await a.page.getByText('By Phone B').waitFor();
});

test('B goes on: the computer asks it, and not A', async () => {
  expect((await palmkey(home, 'keys')).output).not.toContain('Phone A');
  // It shows still what it was asked along when the computer was back.
  await b.page.goto(new URL('/', b.page.url()).href);
  await logIn(b, 'Phone B');
});

test('B is lost: an empty browser rejoins by the twelve words, removes it, and approves a login', async () => {
  await b[Symbol.asyncDispose]();
  b = await openBrowser(join(folder.path, 'again'));
  const { page } = b;
  await page.goto(origin);
  await rejoin(page, words);
  await page.getByRole('heading', { name: 'Is this your account, as you left it?' }).waitFor({ timeout: 60_000 });
  await page.getByText('Phone B').first().waitFor();
  await page.getByLabel('This device').fill('Phone B again');
  await page.getByRole('button', { name: 'Add this device' }).click();
  await page.getByRole('heading', { name: 'This device is in your account' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Remove Phone B', exact: true }).click();
  await hold(page, 'Hold to remove Phone B');
  await page.getByText('Phone B is removed').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Go to the inbox' }).click();
  await printed('account', (text) => text.includes('Phone B again'));
  await logIn(b, 'Phone B again');
});

test('the relay has stored the devices, and no name, word or secret of theirs', async () => {
  const stored = Buffer.concat(
    readdirSync(join(folder.path, 'relay'), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
  );
  const { device } = JSON.parse((await palmkey(home, 'status', '--json')).stdout) as { device: { id: string } };
  expect(stored.includes(Buffer.from(device.id, 'hex'))).toBe(true);
  const three = words.flatMap((_, i) => (i % 3 === 0 ? [words.slice(i, i + 3).join(' ')] : []));
  for (const secret of ['Phone A', 'Phone B', 'B scanned', 'B typed', ...three, ...secrets]) {
    expect([secret, findForms(secret, stored)]).toEqual([secret, []]);
  }
});
