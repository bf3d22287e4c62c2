/** A thumb on a button of the app. */
import type { Locator } from 'playwright-core';

/**
 * Within this time of holding it a button has done what it does, ms; holding takes 0.6 s where nothing else is busy.
 */
const HELD_LIMIT_MS = 15_000;

/** Presses for a moment where the button is, whatever it has become since. */
export async function tap(button: Locator): Promise<void> {
  const { mouse } = await pressed(button);
  await mouse.up();
}

/** Presses until the app has taken it, which takes the button away. Throws where it does not. */
export async function hold(button: Locator): Promise<void> {
  const { mouse } = await pressed(button);
  try {
    await button.waitFor({ state: 'detached', timeout: HELD_LIMIT_MS });
  } finally {
    await mouse.up();
  }
}

async function pressed(button: Locator) {
  // What is in sight is pressed where it is; what lies outside, or under the bar of places, is brought to the middle.
  await button.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const there = document.elementFromPoint(x + width / 2, y + height / 2);
    if (!element.contains(there)) element.scrollIntoView({ block: 'center', behavior: 'instant' });
  });
  const box = await button.boundingBox();
  if (box === null) throw new Error('the button is not on the screen');
  const { mouse } = button.page();
  await mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await mouse.down();
  return { mouse };
}
