/** Another clock for the app: minutes pass in a moment, without its timers being anybody else's. */
import type { Page } from 'playwright-core';

/** Loads the app anew with a clock that {@link PageClock.shift} moves on. */
export async function shiftClock(page: Page): Promise<PageClock> {
  await page.addInitScript(() => {
    const wall = Date.now.bind(Date);
    const monotonic = performance.now.bind(performance);
    const shifted = globalThis as { e2eShiftMs?: number };
    Date.now = () => wall() + (shifted.e2eShiftMs ?? 0);
    performance.now = () => monotonic() + (shifted.e2eShiftMs ?? 0);
  });
  await page.reload();
  return {
    shift: (ms) =>
      page.evaluate((shiftMs) => {
        (globalThis as { e2eShiftMs?: number }).e2eShiftMs = shiftMs;
      }, ms),
  };
}

export interface PageClock {
  /** Sets how far it is ahead of the true time, ms. */
  shift(ms: number): Promise<void>;
}
