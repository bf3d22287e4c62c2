/** Answers on the approve screen, as a thumb gives them. */
import type { Page } from 'playwright-core';

/** Holding takes 0.6 s; a little more is what a person does. */
const holdMs = 750;

/** Waits for a request and approves it, by a tap or, where it is unusual, by holding. */
export async function approve(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: /approve once/i });
  await button.and(page.locator(':not([aria-disabled="true"])')).waitFor();
  const box = await button.boundingBox();
  if (box === null) throw new Error('the approve button is not on the screen');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.waitForTimeout(/hold/i.test((await button.textContent()) ?? '') ? holdMs : 20);
  await page.mouse.up();
}

export async function reject(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Reject' }).and(page.locator(':not([aria-disabled="true"])')).click();
}
