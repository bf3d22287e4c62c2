/** App and computer at a relay that lies about the account: what they say, and that nothing is decided meanwhile. */
import { join } from 'node:path';
import { type AccountId, type DeviceId, FrameType, fromHex, parseAccountId } from '@palmkey/envelope';
import type { SignedLink } from '@palmkey/chain';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeWords } from '../lib/account-pages.ts';
import { approve } from '../lib/approve.ts';
import { findForms } from '../lib/canary.ts';
import type { Attack } from '../lib/hostile/attack.ts';
import {
  headWord,
  refuse,
  rewriteDone,
  rewriteLinks,
  showChain,
  tellHead,
  typeOf,
} from '../lib/hostile/chain-attacks.ts';
import { listen } from '../lib/hostile/mail-attacks.ts';
import { RealStage } from '../lib/hostile/real-stage.ts';
import { record } from '../lib/hostile/recording.ts';
import { palmkey, startPalmkey } from '../lib/palmkey.ts';
import { freePort } from '../lib/temp.ts';

let stage: RealStage;
let account: AccountId;
let first: DeviceId;
let second: DeviceId;
let host: DeviceId;
let a: Page;
let b: Page;
const passed = record();
const words: string[] = [];
beforeAll(async () => {
  stage = await RealStage.open(2);
  account = parseAccountId(fromHex((await stage.status()).account?.id ?? expect.unreachable()));
  first = await stage.phoneId('First phone');
  second = await stage.phoneId('Second phone');
  host = await stage.hostId();
  [a, b] = [stage.page('First phone'), stage.page('Second phone')];
  stage.double.use(passed.attack);
});
afterAll(() => stage[Symbol.asyncDispose]());

const approveButton = (page: Page) => page.getByRole('button', { name: /approve once/i });

/** Makes other words on a phone, which changes the chain. */
async function changeAccount(page: Page): Promise<void> {
  words.push((await makeWords(page)).slice(0, 3).join(' '));
}

/** The screen says what is wrong, and has no answer to anything. */
async function expectAlarm(page: Page, title: string): Promise<void> {
  await page.getByRole('heading', { name: title }).waitFor({ timeout: 60_000 });
  await page.getByText('Nothing is decided on this device meanwhile.').filter({ visible: true }).waitFor();
  expect(await page.getByRole('button', { name: /approve|reject/i }).count()).toBe(0);
}

/** The person asks the relay again, which is honest again, and goes back to the inbox. */
async function askAgain(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'What to do' }).click();
  await page.getByRole('button', { name: 'Ask the relay again' }).click();
  await page.getByText('There is nothing to do.').waitFor();
  await page
    .getByRole('navigation', { name: 'Places' })
    .getByRole('link', { name: /^Inbox/ })
    .click();
}

/** What the computer says of its account, in both places. */
async function hostSays(text: string): Promise<void> {
  expect(await stage.statusText()).toContain(text);
  expect((await palmkey(stage.home, 'account')).output).toContain(text);
  const ssh = stage.login();
  expect(await ssh.ended(60_000)).toBe(255);
  expect(ssh.output).toContain('your account is in doubt, so nobody is asked');
}

describe('while a request is on the screen, the relay shows', () => {
  interface Lie {
    readonly title: string;
    readonly attack: (links: readonly SignedLink[]) => Attack;
    /** The phone has asked again by itself before a person could. */
    readonly passes?: boolean;
  }
  const lies: Readonly<Record<string, Lie>> = {
    'an older history (hide-revocation)': {
      title: 'This relay showed an older history',
      attack: (links) => showChain(account, () => links.slice(0, 2), first),
    },
    'another account (split-view)': {
      title: 'This relay showed another account',
      attack: () => rewriteDone(FrameType.chainAsk, (body) => body.with(0, (body[0] ?? 0) ^ 1)),
    },
    'no end of the history (hide-revocation)': {
      title: 'Waiting for the account’s record',
      attack: () => refuse(FrameType.chainAsk, first, 'unavailable'),
      passes: true,
    },
  };

  test.each(Object.entries(lies))('%s: it can be answered only when that is over', async (_, lie) => {
    const signed = stage.signed('First phone');
    const ssh = stage.login();
    await approveButton(a).waitFor();
    const off = stage.double.use(lie.attack(await stage.links()));
    (await stage.double.seatOf(first)).toDevice(headWord(account));
    await expectAlarm(a, lie.title);
    expect(ssh.exitCode).toBeNull();
    expect(stage.signed('First phone')).toBe(signed);
    off[Symbol.dispose]();
    if (lie.passes !== true) await askAgain(a);
    await approve(a);
    expect(await ssh.ended(60_000), ssh.output).toBe(0);
    expect(stage.signed('First phone')).toBe(signed + 1);
  });
});

describe('a change of the account', () => {
  test('that the relay holds back from one phone is missed at the computer’s next word (hide-revocation)', async () => {
    const before = await stage.links();
    const signed = stage.signed('First phone');
    const off = stage.double.use(tellHead(account, () => before, first));
    await changeAccount(b);
    await b.goto('about:blank');
    await stage.statusWhere('the change', (status) => (status.account?.head.seqno ?? 0) > before.length);
    const ssh = stage.login();
    await expectAlarm(a, 'This relay is holding back a change');
    expect(ssh.exitCode).toBeNull();
    expect(stage.signed('First phone')).toBe(signed);
    off[Symbol.dispose]();
    await askAgain(a);
    // What came meanwhile is asked now.
    await approve(a);
    expect(await ssh.ended(60_000), ssh.output).toBe(0);
  });

  test('that comes with another key is taken by neither phone nor computer (swap-dh)', async () => {
    const key = /"agreementKey":"[0-9a-f]{64}"/;
    const swap = (json: string) =>
      json.includes('"type":"paper"') ? json.replace(key, `"agreementKey":"${'ab'.repeat(32)}"`) : json;
    const off = stage.double.use(rewriteLinks(account, swap));
    await b.goto(stage.origin);
    await changeAccount(b);
    await b.goto('about:blank');
    await expectAlarm(a, 'The account’s record does not hold');
    const status = await stage.statusWhere('the alarm', (each) => each.account?.alarm != null);
    expect(status.account?.alarm?.code).toBe('bad-chain');
    await hostSays('its relay shows a history that breaks the rules');
    off[Symbol.dispose]();
    await askAgain(a);
    expect((await palmkey(stage.home, 'account')).exitCode).toBe(0);
    const ssh = stage.login();
    await approve(a);
    expect(await ssh.ended(60_000), ssh.output).toBe(0);
  });
});

test('two histories, each shown to one half of the account, are seen at the next word between them (split-view)', async () => {
  const now = stage.double.target;
  const other = await stage.fork();
  await a.goto(stage.origin);
  await changeAccount(a);
  const { length } = await stage.links();
  await stage.statusWhere('the one half', (status) => status.account?.head.seqno === length);
  await stage.stopHost();
  await a.goto('about:blank');

  stage.switchTo(other);
  await b.goto(stage.origin);
  await changeAccount(b);
  const heard = listen({ from: second, to: host });
  const off = stage.double.use(heard.attack);
  await b.goto(stage.origin);
  const { delivered } = await heard.after(0);
  off[Symbol.dispose]();
  await b.goto('about:blank');

  stage.switchTo(now);
  await a.goto(stage.origin);
  await stage.resumeHost();
  (await stage.double.seatOf(host)).toDevice(delivered);
  const status = await stage.statusWhere('the alarm', (each) => each.account?.alarm != null);
  expect(status.account?.alarm?.code).toBe('forked');
  await hostSays('its relay shows another history than this computer has seen');
  await b.goto(stage.origin);
  await expectAlarm(b, 'This relay showed a different history');
});

test('a challenge of another relay lets neither in, and both say that its name is another (challenge-forward)', async () => {
  const port = await freePort();
  const place = ['--port', String(port), '--public-url', 'https://relay.example.org'];
  await using other = startPalmkey(join(stage.folder, 'elsewhere'), 'relay', ...place);
  await other.prints(/palmkey up --relay/, 60_000);
  const given = new Set<number | undefined>();
  stage.double.use({ toDevice: (frame) => (given.add(typeOf(frame)), [frame]) });
  stage.switchTo(port);
  await stage.statusWhere('its name', ({ relays }) => relays.some(({ problem }) => problem === 'wrong-origin'));
  expect(await stage.statusText()).toContain('the relay goes by another name than the one used here');
  await a.goto(`${stage.origin}/computers`);
  await a.getByRole('link', { name: /Its relay refuses this device/ }).click();
  await a.getByText(/The relay answers under another name than/).waitFor();
  expect([...given].sort()).toEqual([FrameType.challenge, FrameType.error].sort());
});

test('in all that passed there is no name, and none of the words', () => {
  expect(words).toHaveLength(4);
  expect(passed.bytes().includes('"type":"paper"')).toBe(true);
  const secrets = ['First phone', 'Second phone', 'First key', ...words];
  expect(secrets.flatMap((secret) => findForms(secret, passed.bytes()))).toEqual([]);
});
