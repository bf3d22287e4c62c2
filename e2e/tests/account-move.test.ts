/** An account goes to another relay, and its relay to another address: two phones, a computer, ssh before and after. */
import { join } from 'node:path';
import { encodeChainHead, FrameType, fromHex, parseAccountId } from '@palmkey/envelope';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRelay } from '../../packages/relay/src/testing/test-relay.ts';
import {
  addDevice,
  beginJoining,
  hold,
  letIn,
  nameDevice,
  openAt,
  readNewcomer,
  typeJoining,
} from '../lib/account-pages.ts';
import { approve } from '../lib/approve.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import type { Child } from '../lib/child.ts';
import { rewriteDone } from '../lib/hostile/chain-attacks.ts';
import { HostileRelay } from '../lib/hostile/hostile-relay.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairFresh, type Paired } from '../lib/phone.ts';
import { sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const home = join(folder.path, 'home');
/** Each relay by its name: its process and port. */
const relays = new Map<string, { readonly child: Child; readonly port: number }>();
let daemon: Daemon;
let first: Paired;
let second: PhoneBrowser;
let sshd: Sshd;
const keys = { 'First phone': '', 'Second phone': '' };

async function startRelay(name: string, port?: number): Promise<void> {
  const at = port ?? (await freePort());
  const child = startPalmkey(join(folder.path, name), 'relay', '--port', String(at));
  relays.set(name, { child, port: at });
  await child.prints(/palmkey up --relay/);
}

async function stopRelay(name: string): Promise<void> {
  await relays.get(name)?.child[Symbol.asyncDispose]();
}

function originOf(name: string): string {
  return `http://localhost:${relays.get(name)?.port ?? 0}`;
}

const startHost = () => startUp({ home, port: 0, args: ['--relay', originOf('old'), '--no-pair'] });

beforeAll(async () => {
  await startRelay('old');
  await startRelay('new');
  daemon = startUp({ home, port: 0, args: ['--relay', originOf('old')] });
  first = await pairFresh(daemon, join(folder.path, 'first'), { device: 'First phone', key: 'First key' });
  second = await openBrowser(join(folder.path, 'second'));
  sshd = await startSshd(join(folder.path, 'sshd'));
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
  for (const name of relays.keys()) await stopRelay(name);
  folder[Symbol.dispose]();
});

/** What the computer says of its account, once `isThere` holds. */
async function onHost(isThere: (text: string) => boolean): Promise<string> {
  let text = '';
  await expect
    .poll(
      async () => {
        text = (await palmkey(home, 'account')).output;
        return isThere(text);
      },
      { timeout: 60_000, interval: 500 },
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
        lines = [...new Set([...stdout.matchAll(/ssh-ed25519 [A-Za-z0-9+/=]+[^"]*/g)].map(([line]) => line))];
        return lines.length;
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(count);
  return lines;
}

/** A login with the key of the phone on this page, which approves it. */
async function login(page: Paired['page'], by: keyof typeof keys): Promise<void> {
  sshd.authorize([keys[by]]);
  const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'in');
  await approve(page);
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.output).toContain(`approved on ${by}`);
}

/** Goes to another relay on a phone's own page. */
async function move(page: Paired['page'], to: string): Promise<void> {
  await openAt(page, '/devices/relay');
  await page.getByLabel('Address of the relay').fill(to);
  await page.getByRole('button', { name: 'Look at it' }).click();
  await hold(page, /Hold to move/);
}

async function isAt(page: Paired['page'], origin: string): Promise<void> {
  await openAt(page, '/devices/relay');
  await page.locator('section', { hasText: 'Your account is at' }).getByText(origin).waitFor({ timeout: 60_000 });
}

test('two phones and a computer are one account at the first relay', async () => {
  await onHost((text) => text.includes('First phone'));
  await beginJoining(second.page, originOf('old'));
  await typeJoining(second.page, (await addDevice(first.page)).words ?? expect.unreachable());
  const code = await nameDevice(second.page, 'Second phone');
  expect((await readNewcomer(first.page)).code).toBe(code);
  await letIn(first.page, second.page, 'Second phone');
  await onHost((text) => text.includes('Second phone'));
  await openAt(second.page, '/');
  const isFirst = (line: string) => line.includes(first.keyLine.split(' ')[1] ?? '-');
  const lines = await keyLines(2);
  keys['First phone'] = lines.find(isFirst) ?? '';
  keys['Second phone'] = lines.find((line) => !isFirst(line)) ?? '';
  await openAt(first.page, '/');
  await login(first.page, 'First phone');
});

test('what is no relay, and one that has nothing of the account, is refused in words, and nothing moves', async () => {
  await openAt(first.page, '/devices/relay');
  await first.page.getByLabel('Address of the relay').fill('http://relay.example.org');
  await first.page.getByRole('button', { name: 'Look at it' }).click();
  await first.page.getByText('That is no address of a relay').waitFor();
  await first.page.getByLabel('Address of the relay').fill(`http://localhost:${await freePort()}`);
  await first.page.getByRole('button', { name: 'Look at it' }).click();
  await first.page.getByText(/No relay answers at/).waitFor();
  const refused = await palmkey(home, 'account', 'move', originOf('new'));
  expect(await refused.ended()).toBe(6);
  expect(refused.output).toContain('shows none of your account');
});

test.each([
  ['another account’s chain', 'other-account', 'takes this device for another account’s', 'for another account’s'],
  ['another history', 'forked', 'another history of your account', 'another history'],
] as const)('a relay that shows %s is refused, in words, on phone and computer', async (_, is, onPhone, onComputer) => {
  await using double = await HostileRelay.start();
  await using real = await testRelay({ admission: 'open', origins: [double.url] });
  double.target = real.port;
  const { account } = JSON.parse((await palmkey(home, 'status', '--json')).stdout) as {
    account: { id: string; head: { seqno: number } };
  };
  const id = is === 'forked' ? fromHex(account.id) : new Uint8Array(16).fill(7);
  const head = { account: parseAccountId(id), seqno: account.head.seqno, hash: new Uint8Array(32).fill(9) };
  double.use(rewriteDone(FrameType.chainAsk, () => encodeChainHead(head)));
  await openAt(first.page, '/devices/relay');
  await first.page.getByLabel('Address of the relay').fill(double.url);
  await first.page.getByRole('button', { name: 'Look at it' }).click();
  await first.page.getByText(onPhone).waitFor({ timeout: 60_000 });
  const refused = await palmkey(home, 'account', 'move', double.url);
  expect([await refused.ended(), refused.output]).toEqual([6, expect.stringContaining(onComputer)]);
  expect((await palmkey(home, 'account')).output).toContain(originOf('old'));
});

test('the phone moves the account; the other phone and the computer follow, and ssh works', async () => {
  await move(first.page, originOf('new'));
  await isAt(first.page, originOf('new'));
  await onHost((text) => text.includes(originOf('new')));
  await isAt(second.page, originOf('new'));
  await openAt(first.page, '/');
  await login(first.page, 'First phone');
});

test('with all of them there the former relay is told to forget the account, and can go', async () => {
  await openAt(second.page, '/');
  await openAt(first.page, '/devices/relay');
  await expect.poll(() => first.page.getByText('The former relay').count(), { timeout: 60_000 }).toBe(0);
  await stopRelay('old');
  await openAt(second.page, '/');
  await login(second.page, 'Second phone');
});

test('a computer that was off while the account moved hears of it when it is back', async () => {
  await startRelay('third');
  await daemon[Symbol.asyncDispose]();
  await move(first.page, originOf('third'));
  await isAt(first.page, originOf('third'));
  await isAt(second.page, originOf('third'));
  daemon = startHost();
  await daemon.child.prints(/Ctrl-C stops/);
  await openAt(second.page, '/');
  await openAt(first.page, '/');
  await onHost((text) => text.includes(originOf('third')));
  await login(first.page, 'First phone');
});

test('the relay has another address: it is entered by hand where nobody can be told', async () => {
  const was = originOf('third');
  await stopRelay('third');
  const port = await freePort();
  await startRelay('third', port);
  expect(originOf('third')).not.toBe(was);
  const moved = await palmkey(home, 'account', 'move', originOf('third'));
  expect([await moved.ended(), moved.output]).toEqual([0, expect.stringContaining(originOf('third'))]);
  for (const { page } of [first, second]) {
    await move(page, originOf('third'));
    await isAt(page, originOf('third'));
  }
  await openAt(second.page, '/');
  await openAt(first.page, '/');
  await login(first.page, 'First phone');
});

test('the relay to which the account was moved is gone: it stays where it was, and who has gone comes back', async () => {
  await startRelay('fourth');
  const [atFirst, atSecond] = [first.page.url(), second.page.url()];
  await second.page.goto('about:blank');
  await daemon[Symbol.asyncDispose]();
  await move(first.page, originOf('fourth'));
  await isAt(first.page, originOf('fourth'));
  await first.page.goto('about:blank');
  await stopRelay('fourth');

  daemon = startHost();
  await daemon.child.prints(/Ctrl-C stops/);
  await onHost((text) => text.includes(originOf('fourth')));
  await second.page.goto(atSecond);
  await openAt(second.page, '/devices/relay');
  await hold(second.page, /Hold to stay/);
  await expect.poll(() => second.page.getByText('Your account has moved').count(), { timeout: 60_000 }).toBe(0);
  await isAt(second.page, originOf('third'));
  await onHost((text) => text.includes(originOf('third')) && !text.includes(originOf('fourth')));
  await openAt(second.page, '/');
  await login(second.page, 'Second phone');

  await first.page.goto(atFirst);
  await move(first.page, originOf('third'));
  await isAt(first.page, originOf('third'));
  await openAt(first.page, '/');
  await login(first.page, 'First phone');
});
