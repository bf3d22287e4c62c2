/** Two members each let a device in at the same moment, for the same place on the chain. */
import { FrameType } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { addDevice, hold, openAt, typeJoining } from '../lib/account-pages.ts';
import { AccountScene, endedWith } from '../lib/account-scene.ts';
import { LineInHand } from '../lib/line-in-hand.ts';

test('exactly one wins; the other says so on both screens, and begins again', async () => {
  await using scene = await AccountScene.open();
  await using second = await scene.newcomer();
  await typeJoining(second.page, (await addDevice(scene.page)).words ?? '');
  await scene.finish(second.page, 'Second phone');
  await second.page.goto(scene.origin);

  let line: LineInHand | undefined;
  await using slow = await scene.newcomer({
    prepare: async ({ context }) => void (line = await LineInHand.take(context)),
  });
  await using fast = await scene.newcomer();
  const [atFirst, atSecond] = [await addDevice(scene.page), await addDevice(second.page)];
  await typeJoining(slow.page, atFirst.words ?? '');
  await typeJoining(fast.page, atSecond.words ?? '');
  await scene.ask(slow.page, 'The slow one');
  await scene.ask(fast.page, 'The fast one', second.page);

  const posts = line?.holdUp((frame) => frame[1] === FrameType.chainPost);
  await hold(scene.page, /Hold to let it in/);
  await posts;
  await hold(second.page, /Hold to let it in/);
  await endedWith(fast.page, 'This device is in your account');
  await endedWith(second.page, 'The fast one is in your account');
  line?.letGo();

  expect(await endedWith(slow.page, 'Another change came first')).toContain('Begin again on both devices');
  const told = await endedWith(scene.page, /Another change came first|The new device could not go on/);
  expect(told).toContain('Another change came first');
  await scene.expectListed(['Second phone', 'The fast one'], ['The slow one']);

  await slow.page.getByRole('button', { name: 'Begin again' }).click();
  await typeJoining(slow.page, (await addDevice(scene.page)).words ?? '');
  await scene.finish(slow.page, 'The slow one');
  await openAt(second.page, '/devices');
  await second.page.getByRole('link', { name: /^The slow one/ }).waitFor();
  await scene.printed('account', (text) => text.includes('The slow one') && text.includes('The fast one'));
});
