/** The member closes, cancels or loses its network at each step of letting a device in; both screens say what became of it. */
import { FrameType } from '@palmkey/envelope';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDevice, hold, letIn, reads, typeJoining } from '../lib/account-pages.ts';
import { AccountScene, endedWith } from '../lib/account-scene.ts';
import type { PhoneBrowser } from '../lib/browser.ts';
import { LineInHand } from '../lib/line-in-hand.ts';

let scene: AccountScene;
beforeAll(async () => {
  scene = await AccountScene.open();
});
afterAll(() => scene[Symbol.asyncDispose]());

/**
 * A newcomer that has what the member shows, and with it a clock that can be moved on. All are at one address, which may
 * try ten numbers a minute: what comes after the meeting is looked at with the link of the QR code, which needs none.
 */
async function meeting(
  prepare: (browser: PhoneBrowser) => Promise<void> = () => Promise.resolve(),
  by: 'words' | 'link' = 'link',
) {
  const shown = await addDevice(scene.page);
  const browser = await scene.newcomer({ prepare });
  return { browser, page: browser.page, enter: () => typeJoining(browser.page, shown[by] ?? expect.unreachable()) };
}

const withClock = async ({ page }: PhoneBrowser) => {
  await page.clock.install();
};
const cancel = () => scene.page.getByRole('button', { name: 'Cancel' }).click();

/** The first phone has no network meanwhile. */
async function withoutNetwork(work: () => Promise<unknown>): Promise<void> {
  const { context } = scene.first.browser;
  await context.setOffline(true);
  try {
    await work();
  } finally {
    await context.setOffline(false);
  }
}
const nothingAdded = () => scene.expectListed([], ['Never']);
const itLeft = 'Your other device ended it';

describe('meeting', () => {
  const byWords = () => meeting(undefined, 'words');

  test('the member cancels: its code is over', async () => {
    const { browser, page, enter } = await byWords();
    await using _ = browser;
    await cancel();
    await endedWith(scene.page, 'Stopped');
    await enter();
    expect(await endedWith(page, 'That code is over')).toContain('Begin again on both devices');
    await nothingAdded();
  });

  test('the member closes its tab: its code is over, it says so, or nobody comes', async () => {
    const { browser, page, enter } = await byWords();
    await using _ = browser;
    await scene.reopenFirst();
    await enter();
    await endedWith(page, /That code is over|Your other device seems to have left|The two devices did not meet/);
    await nothingAdded();
  });

  test('the member loses its network: the two did not meet', async () => {
    const { browser, page, enter } = await byWords();
    await using _ = browser;
    await withoutNetwork(async () => {
      await enter();
      await reads(scene.page, 'No connection');
      expect(await reads(page, 'Meeting your other device')).toContain('this page says so within a minute');
      await endedWith(page, 'The two devices did not meet');
    });
    // It heard the other one come before its network went, or hears now that it came and left.
    await endedWith(scene.page, /^(The two devices did not meet|The new device seems to have left)$/);
    await nothingAdded();
  });
});

describe('offering: the new device is being named', () => {
  const offered = async (prepare?: (browser: PhoneBrowser) => Promise<void>) => {
    const met = await meeting(prepare);
    await met.enter();
    await reads(met.page, 'Name this device');
    return met;
  };

  test('the member cancels: the new device says who left, and when', async () => {
    const { browser, page } = await offered();
    await using _ = browser;
    await cancel();
    await endedWith(scene.page, 'Stopped');
    expect(await endedWith(page, itLeft)).toContain('before this device had a name');
    await nothingAdded();
  });

  test('the member closes its tab: the new device says who left, and when', async () => {
    const { browser, page } = await offered();
    await using _ = browser;
    await scene.reopenFirst();
    expect(await endedWith(page, itLeft)).toContain('before this device had a name');
    await nothingAdded();
  });

  test('the member loses its network: the new device waits no longer than ten minutes, and the member hears of it later', async () => {
    const { browser, page } = await offered(withClock);
    await using _ = browser;
    await withoutNetwork(async () => {
      // A packet of which nobody knows whether it went through ends the stream without a word.
      const answered = page.waitForResponse((each) => each.request().method() === 'POST');
      await page.getByLabel('This device').fill('Never');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Waiting for your other device…' }).waitFor();
      await answered;
      await page.clock.fastForward('10:00');
      expect(await endedWith(page, 'It took too long')).toContain('Nothing was added');
    });
    await endedWith(scene.page, /^The new device (ended it|could not go on)$/);
    await nothingAdded();
  });
});

describe('asking: the member is asked', () => {
  const asked = async (prepare?: (browser: PhoneBrowser) => Promise<void>) => {
    const met = await meeting(prepare);
    await met.enter();
    await scene.ask(met.page, 'Never');
    return met;
  };

  test('the member says no: the new device says who left, and when', async () => {
    const { browser, page } = await asked();
    await using _ = browser;
    await scene.page.getByRole('button', { name: 'No, stop' }).click();
    await endedWith(scene.page, 'You said no');
    expect(await endedWith(page, itLeft)).toContain('before anybody there had said yes');
    await nothingAdded();
  });

  test('the member closes its tab: the new device says who left, and when', async () => {
    const { browser, page } = await asked();
    await using _ = browser;
    await scene.reopenFirst();
    expect(await endedWith(page, itLeft)).toContain('before anybody there had said yes');
    await nothingAdded();
  });

  test('the member loses its network: the new device waits no longer than ten minutes, and the member hears of it later', async () => {
    const { browser, page } = await asked(withClock);
    await using _ = browser;
    await withoutNetwork(async () => {
      await page.clock.fastForward('10:00');
      expect(await endedWith(page, 'It took too long')).toContain('Nothing was added');
    });
    await endedWith(scene.page, /^The new device (ended it|could not go on)$/);
    await nothingAdded();
  });

  test('the member loses its network for a moment: both go on where they were', async () => {
    const { browser, page, enter } = await meeting();
    await using _ = browser;
    await enter();
    await scene.ask(page, 'Waited for it');
    await withoutNetwork(() =>
      scene.page.getByRole('heading', { name: 'Does the new device show this code?' }).waitFor(),
    );
    await letIn(scene.page, page, 'Waited for it');
    await scene.expectListed(['Waited for it'], ['Never']);
  });

  test('the new device leaves: the member says who left, and when', async () => {
    const { browser, page } = await asked();
    await using _ = browser;
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await endedWith(scene.page, 'The new device ended it')).toContain('before you had said yes');
    await nothingAdded();
  });
});

describe('joining: the yes is given, and the new device has yet to post', () => {
  const agreed = async (name: string) => {
    let line: LineInHand | undefined;
    const met = await meeting(async ({ context }) => void (line = await LineInHand.take(context)));
    await met.enter();
    await scene.ask(met.page, name);
    const posts = line?.holdUp((frame) => frame[1] === FrameType.chainPost);
    await hold(scene.page, /Hold to let it in/);
    await posts;
    await met.page.getByRole('heading', { name: 'Joining your account…' }).waitFor();
    return { ...met, letGo: () => line?.letGo() };
  };
  const isIn = (page: PhoneBrowser['page']) => endedWith(page, 'This device is in your account');

  test('nobody can cancel any more; the member closes its tab: the new device is in all the same', async () => {
    const { browser, page, letGo } = await agreed('Left behind');
    await using _ = browser;
    for (const side of [page, scene.page]) expect(await side.getByRole('button', { name: 'Cancel' }).count()).toBe(0);
    await scene.reopenFirst();
    letGo();
    await isIn(page);
    await scene.expectListed(['Left behind'], ['Never']);
  });

  test('the member loses its network: it says that it may still come, and the new device comes', async () => {
    const { browser, page, letGo } = await agreed('Came later');
    await using _ = browser;
    await withoutNetwork(async () => {
      expect(await endedWith(scene.page, 'It may still come')).toContain('Look at Devices');
      letGo();
      await isIn(page);
    });
    await scene.expectListed(['Left behind', 'Came later'], ['Never']);
  });
});
