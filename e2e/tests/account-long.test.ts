/** An account of 100 generations and 400 links, opened by the real app and followed by a real computer. */
import { addPaperKey, chainPost, newRecoveryPhrase } from '@palmkey/core/account';
import { replay } from '@palmkey/chain';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixedAccount } from '../../packages/core/src/testing/fixed-account.ts';
import { openAt, rejoin } from '../lib/account-pages.ts';
import { printed } from '../lib/account-scene.ts';
import { approve } from '../lib/approve.ts';
import { openBrowser } from '../lib/browser.ts';
import { palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { confirmLink, keyLineOf, readCode } from '../lib/phone.ts';
import { RelayAccount } from '../lib/relay-account.ts';
import { sshClient } from '../lib/ssh.ts';
import { startSshd } from '../lib/sshd.ts';
import { Steps } from '../lib/steps.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const GENERATIONS = 100;

test('an empty browser comes in by the words, pairs a computer, and both are of use after a restart', async () => {
  using folder = tempFolder();
  const home = join(folder.path, 'home');
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const steps = new Steps(280_000);
  await using relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port));
  await relay.prints(/palmkey up --relay/);

  const phrase = newRecoveryPhrase(webPrimitives);
  const made = await steps.step('the account is made', () => fixedAccount('long', GENERATIONS));
  using account = await steps.step('it is posted', () => RelayAccount.post(origin, made));
  const state = await replay({ ...webPrimitives, sha256 }, made.links, null);
  const latest = made.perUserKeys.at(-1) ?? expect.unreachable();
  const actor = { primitives: webPrimitives, device: made.owner, ctime: Date.now() };
  const paper = await addPaperKey(actor, state, latest, phrase, { name: 'Recovery words', names: [] });
  await account.send(chainPost(paper));
  expect((await account.links()).length).toBeGreaterThan(395);

  await using phone = await openBrowser(join(folder.path, 'phone'));
  const { page } = phone;
  await page.goto(origin);
  await steps.step('the words find it', async () => {
    await rejoin(page, phrase.split(' '));
    await page.getByRole('heading', { name: 'Is this your account, as you left it?' }).waitFor({ timeout: 120_000 });
  });
  await steps.step('the browser is in', async () => {
    await page.getByLabel('This device').fill('Phone of a long life');
    await page.getByRole('button', { name: 'Add this device' }).click();
    await page.getByRole('heading', { name: 'This device is in your account' }).waitFor({ timeout: 120_000 });
  });
  await page.getByRole('button', { name: 'Go to the inbox' }).click();

  const start = (more: readonly string[] = []) => startUp({ home, port: port + 1, args: ['--relay', origin, ...more] });
  let daemon = start();
  try {
    await page.goto(await daemon.link());
    await confirmLink(page);
    daemon.child.write(`${await readCode(page)}\n`);
    await steps.step('the computer is in', () =>
      printed(home, 'account', (text) => text.includes('Phone of a long life') && !text.includes('not checked')),
    );
    await daemon[Symbol.asyncDispose]();
    daemon = start(['--no-pair']);
    await steps.step('the computer starts again', async () => {
      await daemon.child.prints(/Ctrl-C stops/);
      await printed(home, 'account', (text) => !text.includes('not checked'));
    });
    await page.goto(origin);
    await steps.step('the app starts again', () => page.getByText('Nothing is asking.').waitFor());
    await openAt(page, '/devices');
    await steps.step('its devices are listed', () =>
      page.getByRole('link', { name: /^Phone of a long life/ }).waitFor(),
    );
    await page.goto(origin);

    await using sshd = await startSshd(join(folder.path, 'sshd'));
    sshd.authorize([await keyLineOf(home)]);
    const ssh = sshClient(folder.path, home, sshd).startInTerminal('true');
    await steps.step('a login', async () => {
      await approve(page);
      expect(await ssh.ended(), ssh.output).toBe(0);
    });
    const log = await palmkey(home, 'account', 'log', '--json');
    expect((JSON.parse(log.stdout) as unknown[]).length).toBeGreaterThan(400);
  } finally {
    await daemon[Symbol.asyncDispose]();
  }
  expect(phone.problems).toEqual([]);
  process.stdout.write(`${steps.toString()}\n`);
}, 300_000);
