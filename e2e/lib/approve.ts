/** Answers on the approve screen, as a thumb gives them. */
import type { Page } from 'playwright-core';
import { hold, tap } from './press.ts';

const isArmed = ':not([aria-disabled="true"])';

/** Waits for a request and approves it, by a tap or, where it is unusual, by holding. */
export async function approve(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: /approve once/i }).and(page.locator(isArmed));
  await button.waitFor();
  const label = await button.textContent();
  await (/hold/i.test(label ?? '') ? hold(button) : tap(button));
}

export async function reject(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Reject' }).and(page.locator(isArmed)).click();
}
