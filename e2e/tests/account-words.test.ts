/** Words that are wrong, over, or another account's: each said on the screen, and the account stays as it is. */
import { newRecoveryPhrase } from '@palmkey/core/account';
import { webPrimitives } from '@palmkey/core/crypto';
import { joinUrl, parseJoinUrl } from '@palmkey/core/provisioning';
import { parseAccountId } from '@palmkey/envelope';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDevice, makeWords, rejoin, typeJoining } from '../lib/account-pages.ts';
import { AccountScene, endedWith } from '../lib/account-scene.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { findForms } from '../lib/canary.ts';

let scene: AccountScene;
let newcomer: PhoneBrowser;
/** Words that the relay may not have. */
const typed: string[] = [];
beforeAll(async () => {
  scene = await AccountScene.open();
  newcomer = await scene.newcomer();
});
afterAll(async () => {
  await newcomer[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

/** Begins again after a failure that is on the screen. */
async function again({ page } = newcomer): Promise<void> {
  await page.getByRole('button', { name: 'Begin again' }).click();
  await page.getByLabel('What it shows').waitFor();
}

/** The same number with other words. */
function wrongly(words: string): string {
  const [number = '', ...rest] = words.split(' ');
  return [number, ...rest.map((word) => (word === 'zoo' ? 'zone' : 'zoo'))].join(' ');
}

/** A try at a nameplate, as a stranger makes it; the status of the answer. */
const claim = async (number: string, at = scene) =>
  (await fetch(`${at.origin}/v1/nameplates/${number}`, { method: 'POST' })).status;

test('wrong words ten times: each code is used up by one, and both screens say so', async () => {
  for (let time = 0; time < 10; time += 1) {
    const words = (await addDevice(scene.page)).words ?? '';
    typed.push(words.replace(/^\d+ /, ''));
    await typeJoining(newcomer.page, wrongly(words));
    await endedWith(newcomer.page, 'The two codes differ');
    expect(await endedWith(scene.page, 'The two codes differ')).toContain('That code is used up');
    await again();
  }
  await scene.expectListed([], ['Never']);
}, 180_000);

test('who has tried ten numbers within a minute is turned away, and comes by the code beside the number', async () => {
  const { words, link } = await addDevice(scene.page);
  for (let tries = 0; tries < 11 && (await claim('4000000000')) !== 429; tries += 1);
  await typeJoining(newcomer.page, words ?? '');
  expect(await endedWith(newcomer.page, 'The relay is busy')).toContain('Wait a minute');
  await again();
  await typeJoining(newcomer.page, link);
  await scene.finish(newcomer.page, 'Came by the code');
  await scene.expectListed(['Came by the code']);
  await newcomer[Symbol.asyncDispose]();
  newcomer = await scene.newcomer();
});

test('a number that somebody else has claimed is burnt, and the code beside it is not', async () => {
  // At the other relay this address has used up the tries of a minute.
  await using elsewhere = await AccountScene.open();
  await using late = await elsewhere.newcomer();
  const { words, link } = await addDevice(elsewhere.page);
  const number = /^\d+/.exec(words ?? '')?.[0] ?? '';
  expect(await claim(number, elsewhere)).toBe(200);
  await typeJoining(late.page, words ?? '');
  await endedWith(late.page, 'That code is over');
  await again(late);
  await typeJoining(late.page, link);
  await late.page.getByRole('heading', { name: 'Name this device' }).waitFor();
  await late.page.getByRole('button', { name: 'Cancel' }).click();
  await endedWith(elsewhere.page, 'The new device ended it');
});

test('a code that names another account than the one that answers is refused, and nothing is added', async () => {
  const { link } = await addDevice(scene.page);
  const account = parseAccountId(new Uint8Array(16).fill(7));
  await typeJoining(newcomer.page, joinUrl(scene.origin, { ...parseJoinUrl(link), shownBy: { side: 'x', account } }));
  expect(await endedWith(newcomer.page, 'That is another account')).toContain('not the one of the code');
  await endedWith(scene.page, /The new device/);
  await scene.expectListed([], ['Never']);
});

describe('recovery words', () => {
  let stranger: PhoneBrowser;
  beforeAll(async () => {
    stranger = await openBrowser(join(scene.folder, 'recovering'));
    await stranger.page.goto(scene.origin);
  });
  afterAll(() => stranger[Symbol.asyncDispose]());

  const refused = async (words: readonly string[], text: RegExp) => {
    await stranger.page.goto(scene.origin);
    await rejoin(stranger.page, words);
    await stranger.page.getByText(text).waitFor({ timeout: 60_000 });
  };

  test('of no account, and those that were replaced, find none; the ones that hold do', async () => {
    const old = await makeWords(scene.page);
    const words = await makeWords(scene.page);
    await refused(newRecoveryPhrase(webPrimitives).split(' '), /This relay knows no account of these words/);
    await refused(old, /These words were replaced by newer ones|If they were replaced since, only the newer ones work/);
    await stranger.page.goto(scene.origin);
    await rejoin(stranger.page, words);
    await stranger.page.getByRole('heading', { name: 'Is this your account, as you left it?' }).waitFor();
    typed.push(words.slice(0, 3).join(' '), old.slice(0, 3).join(' '));
  });
});

test('the relay has none of the words', () => {
  const home = join(scene.folder, 'relay');
  const stored = Buffer.concat(
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
  );
  expect(stored.length).toBeGreaterThan(0);
  for (const words of typed) expect([words, findForms(words, stored)]).toEqual([words, []]);
});
