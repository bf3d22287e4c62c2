/** A new device whose clock is wrong joins all the same, and the computer knows it by its keys. */
import { afterAll, beforeAll, test } from 'vitest';
import { addDevice, revokeDevice, typeJoining } from '../lib/account-pages.ts';
import { AccountScene } from '../lib/account-scene.ts';

const hour = 3_600_000;
let scene: AccountScene;
beforeAll(async () => {
  scene = await AccountScene.open();
});
afterAll(() => scene[Symbol.asyncDispose]());

test.each([
  ['5 h ahead', 'Ahead by hours', 5 * hour],
  ['3 days ahead', 'Ahead by days', 72 * hour],
  ['4 days behind', 'Behind by days', -96 * hour],
])('one that is %s joins, is listed, and is known to the computer', async (_, name, shiftMs) => {
  const { words } = await addDevice(scene.page);
  const late = await scene.newcomer({
    prepare: async ({ context }) => {
      await context.addInitScript((shift) => {
        const now = Date.now.bind(Date);
        Date.now = () => now() + shift;
      }, shiftMs);
    },
  });
  await typeJoining(late.page, words ?? '');
  await scene.finish(late.page, name);
  await scene.expectListed([name]);
  await scene.printed('account', (text) => [...text.matchAll(/ phone +(began|added)/g)].length === 2);
  await late[Symbol.asyncDispose]();
  await revokeDevice(scene.page, name);
});
