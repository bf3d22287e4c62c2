/** A browser that is killed between saving and posting: it posts again when it is started, and is in the account. */
import { FrameType } from '@palmkey/envelope';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { addDevice, hold, typeJoining } from '../lib/account-pages.ts';
import { AccountScene, endedWith } from '../lib/account-scene.ts';
import { openBrowser } from '../lib/browser.ts';
import { killBrowser } from '../lib/browser-crash.ts';
import { LineInHand } from '../lib/line-in-hand.ts';

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

test('the member says that it may come; started again on its profile, it comes', async () => {
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
