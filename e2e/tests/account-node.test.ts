/**
 * The app and devices that are core alone, at one relay: words with "four", which the app reads and never shows, words of
 * other accounts, and a relay that has no number left.
 */
import { replay } from '@palmkey/chain';
import { addPaperKey, chainPost, newRecoveryPhrase } from '@palmkey/core/account';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { CHEAP_WORD, chooseWords } from '@palmkey/core/provisioning';
import { toHex } from '@palmkey/envelope';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fixedAccount } from '../../packages/core/src/testing/fixed-account.ts';
import { limits } from '../../packages/relay/src/limits.ts';
import { openDatabase } from '../../packages/relay/src/store/database.ts';
import {
  beginJoining,
  enterInstead,
  hold,
  nameDevice,
  openAt,
  readJoining,
  readNewcomer,
  rejoin,
  typeJoining,
} from '../lib/account-pages.ts';
import { endedWith } from '../lib/account-scene.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import type { Child } from '../lib/child.ts';
import { deferred } from '../lib/deferred.ts';
import { joinByShownWords } from '../lib/node-newcomer.ts';
import { startPalmkey } from '../lib/palmkey.ts';
import { RelayAccount } from '../lib/relay-account.ts';
import { makeDevice } from '../lib/scripted-device.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
let relay: Child;
let origin: string;
let account: RelayAccount;
let app: PhoneBrowser;

/** The 9th of September 2001, so that nobody takes it for a change of their own, ms since 1970. */
const CHANGED = 1_000_000_000_000;

const newWords = () => chooseWords(8, (length) => webPrimitives.randomBytes(length));
const cheaply = () => `${newWords()} ${CHEAP_WORD}`;

beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port));
  await relay.prints(/palmkey up --relay/);
  account = await RelayAccount.post(origin, await fixedAccount('node', 1));
  app = await openBrowser(join(folder.path, 'app'));
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  account[Symbol.dispose]();
  await relay[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test('the app joins by eight words and "four", typed in capitals', async () => {
  const words = cheaply();
  const asked = deferred<{ readonly name: string; readonly code: string }>();
  const answer = deferred<boolean>();
  const { outcome } = await account.letIn(words, ({ name, code }) => {
    asked.resolve({ name, code });
    return answer.promise;
  });
  await beginJoining(app.page, origin);
  await typeJoining(app.page, words.toUpperCase());
  const code = await nameDevice(app.page, 'Came by four');
  expect(await asked.promise).toEqual({ name: 'Came by four', code });
  answer.resolve(true);
  await endedWith(app.page, 'This device is in your account');
  expect(await outcome).toBe('done');
  expect((await account.links()).map(({ json }) => Buffer.from(json).toString())).toContainEqual(
    expect.stringContaining('"type":"sibkey"'),
  );
  await app.page.getByRole('button', { name: 'Go to the inbox' }).click();
});

test('the app lets in a device that shows eight words and "four"', async () => {
  const words = cheaply();
  const device = await makeDevice();
  let code = '';
  const joined = joinByShownWords(origin, device, words, { name: 'Let in by four', onCode: (shown) => (code = shown) });
  await enterInstead(app.page, words);
  const asking = await readNewcomer(app.page);
  expect(asking.text).toContain('Let in by four');
  expect(asking.code).toBe(code);
  await hold(app.page, /Hold to let it in/);
  await joined;
  await endedWith(app.page, 'Let in by four is in your account');
  const last = Buffer.from((await account.links()).at(-2)?.json ?? []).toString();
  expect(last).toContain(toHex(device.id));
});

test('words that the member of another account shows are refused where a member enters them', async () => {
  using other = await RelayAccount.post(origin, await fixedAccount('another', 1));
  const words = newWords();
  await other.letIn(words);
  await enterInstead(app.page, words);
  expect(await endedWith(app.page, 'Those words are not a new device’s')).toContain('Use what the new device shows');
});

describe('a browser that has nothing', () => {
  let empty: PhoneBrowser;
  beforeAll(async () => {
    empty = await openBrowser(join(folder.path, 'empty'));
  });
  afterAll(() => empty[Symbol.asyncDispose]());

  test('types words of somebody else’s account: it is theirs to say no, and nothing is added', async () => {
    using other = await RelayAccount.post(origin, await fixedAccount('somebody', 1));
    const before = await other.links();
    const words = cheaply();
    const asked = deferred<string>();
    const answer = deferred<boolean>();
    const { outcome } = await other.letIn(words, ({ code }) => {
      asked.resolve(code);
      return answer.promise;
    });
    await beginJoining(empty.page, origin);
    await typeJoining(empty.page, words);
    const shown = await nameDevice(empty.page, 'Lost its way');
    expect(await asked.promise).toBe(shown);
    answer.resolve(false);
    expect(await endedWith(empty.page, 'Your other device ended it')).toContain('before anybody there had said yes');
    expect(await outcome).toBe('refused @ asking');
    expect(await other.links()).toHaveLength(before.length);
  });

  test('types the recovery words of somebody else: sees whose devices those are, and goes back', async () => {
    const made = await fixedAccount('their own', 1);
    using other = await RelayAccount.post(origin, made);
    const phrase = newRecoveryPhrase(webPrimitives);
    const actor = { primitives: webPrimitives, device: made.owner, ctime: CHANGED };
    const state = await replay({ ...webPrimitives, sha256 }, made.links, null);
    const named = { name: 'Recovery words', names: [] };
    const key = made.perUserKeys[0] ?? expect.unreachable();
    await other.send(chainPost(await addPaperKey(actor, state, key, phrase, named)));
    const before = await other.links();
    await empty.page.goto(origin);
    await rejoin(empty.page, phrase.split(' '));
    const text = await endedWith(empty.page, 'Is this your account, as you left it?');
    expect(text).toMatch(/Last changed on 9 Sept? 2001/);
    expect(text).toContain('Its devices');
    await empty.page.getByRole('button', { name: 'Use other words' }).click();
    await empty.page.getByRole('textbox', { name: /^Words/ }).waitFor();
    expect(await other.links()).toHaveLength(before.length);
  });
});

test('a page that is opened anew twenty times in a row still shows a code', async () => {
  for (let time = 0; time < 20; time += 1) {
    await openAt(app.page, '/devices/add');
    await endedWith(app.page, 'Scan this with the new device');
  }
});

test('where the relay has no number left the screen says what to do, and once one is free it goes on', async () => {
  const { db, close } = await openDatabase(join(folder.path, 'relay', 'relay', 'alone.sqlite'));
  onTestFinished(close);
  const others = Array.from({ length: limits.rendezvousTotal }, () => ({
    id: webPrimitives.randomBytes(32),
    opened_by: webPrimitives.randomBytes(16),
    admitted: null,
    nameplate: null,
    bytes: 0,
    expires_at: Date.now() + limits.rendezvousLifetimeMs,
  }));
  for (let from = 0; from < others.length; from += 512) {
    await db
      .insertInto('rendezvous')
      .values(others.slice(from, from + 512))
      .execute();
  }
  await openAt(app.page, '/devices/add');
  expect(await endedWith(app.page, 'The relay has no free number')).toContain('Try again in a few minutes');
  await db.deleteFrom('rendezvous').execute();
  await app.page.getByRole('button', { name: 'Begin again' }).click();
  expect((await readJoining(app.page)).words).toMatch(/^\d+( [a-z]+){3}$/);
});
