/** A new device that is killed between saving and posting: it posts again when it is started, and is in the account. */
import { FrameType, toHex } from '@palmkey/envelope';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { fixedAccount } from '../../packages/core/src/testing/fixed-account.ts';
import { fixedDevice } from '../../packages/core/src/testing/fixed-keys.ts';
import { addDevice, hold, typeJoining } from '../lib/account-pages.ts';
import { AccountScene, endedWith } from '../lib/account-scene.ts';
import { openBrowser } from '../lib/browser.ts';
import { killBrowser } from '../lib/browser-crash.ts';
import { LineInHand } from '../lib/line-in-hand.ts';
import { LoneRelay } from '../lib/lone-relay.ts';
import { RelayAccount } from '../lib/relay-account.ts';
import { tempFolder } from '../lib/temp.ts';

/** How many joinings are saved in the app's store. */
const savedJoinings = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('palmkey');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const counting = opening.result.transaction('joining').objectStore('joining').count();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result);
          };
        };
      }),
  );

test('a browser: the member says that it may come; started again on its profile, it comes', async () => {
  await using scene = await AccountScene.open();
  const { words } = await addDevice(scene.page);
  let line: LineInHand | undefined;
  const newcomer = await scene.newcomer({
    prepare: async ({ context }) => void (line = await LineInHand.take(context)),
  });
  const profile = scene.lastProfile;
  await typeJoining(newcomer.page, words ?? '');
  await scene.ask(newcomer.page, 'Killed once');
  const posts = line?.holdUp((frame) => frame[1] === FrameType.chainPost);
  await hold(scene.page, /Hold to let it in/);
  await posts;
  expect(await savedJoinings(newcomer.page)).toBe(1);
  await killBrowser(newcomer, profile);
  expect(await endedWith(scene.page, 'It may still come', 90_000)).toContain('Look at Devices');

  await using again = await openBrowser(profile);
  await again.page.goto(scene.origin);
  await endedWith(again.page, 'This device is in your account');
  expect(await savedJoinings(again.page)).toBe(0);
  await again.page.getByRole('button', { name: 'Go to the inbox' }).click();
  await scene.expectListed(['Killed once']);
  await scene.printed('account', (text) => text.includes('Killed once'));
});

const program = fileURLToPath(new URL('../lib/joining-device.ts', import.meta.url));

/** A device as a process of its own; the signal that ended it, or its exit code. */
async function run(...args: readonly string[]): Promise<number | NodeJS.Signals | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return signal ?? code;
}

test.each(['saved', 'posted'] as const)(
  'a process that is killed when it has %s: it posts again what it has',
  async (when) => {
    using folder = tempFolder();
    await using relay = await LoneRelay.start(join(folder.path, 'relay'));
    using account = await RelayAccount.post(relay.url, await fixedAccount(`crash ${when}`, 2));
    const file = join(folder.path, 'saved.json');
    const name = `process ${when}`;
    const { outcome } = await account.letIn();
    expect(await run('join', relay.url, name, file, when)).toBe('SIGKILL');
    const before = await account.links();
    expect(await outcome).toBe('timed-out @ joining');
    expect(await run('resume', relay.url, name, file)).toBe(0);
    const after = await account.links();
    expect(after).toHaveLength(before.length + (when === 'saved' ? 2 : 0));
    expect(Buffer.from(after.at(-1)?.json ?? []).toString()).toContain(toHex((await fixedDevice(name)).id));
  },
);
