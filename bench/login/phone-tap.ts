/**
 * Listens where the app meets the browser: how long its transactions and its WebCrypto calls take. Added to the page from
 * outside, before its own scripts; the product has nothing of it.
 */
import type { BrowserContext, Page } from 'playwright-core';

interface Taken {
  /** Transactions that wrote, and what they took from beginning to completion. */
  writes: number;
  writesMs: number;
  reads: number;
  readsMs: number;
  /** WebCrypto calls, and the time until each came back. */
  calls: number;
  callsMs: number;
}

declare global {
  interface Window {
    benchTaken: Taken;
  }
}

/** From the next page load on. No function in here has a name: tsx would wrap it in a helper that the page does not have. */
export async function tapPhone(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.benchTaken = { writes: 0, writesMs: 0, reads: 0, readsMs: 0, calls: 0, callsMs: 0 };
    const transaction = Object.getOwnPropertyDescriptor(IDBDatabase.prototype, 'transaction')
      ?.value as IDBDatabase['transaction'];
    IDBDatabase.prototype.transaction = function (...args) {
      const made = transaction.apply(this, args);
      const startedAt = performance.now();
      made.addEventListener('complete', () => {
        const took = performance.now() - startedAt;
        if (made.mode === 'readonly') {
          window.benchTaken.reads += 1;
          window.benchTaken.readsMs += took;
        } else {
          window.benchTaken.writes += 1;
          window.benchTaken.writesMs += took;
        }
      });
      return made;
    };
    for (const method of ['sign', 'verify', 'encrypt', 'decrypt', 'importKey', 'deriveBits', 'digest'] as const) {
      const original = Object.getOwnPropertyDescriptor(SubtleCrypto.prototype, method)?.value as (
        ...args: unknown[]
      ) => Promise<unknown>;
      Object.assign(SubtleCrypto.prototype, {
        [method]: async function (this: SubtleCrypto, ...args: unknown[]) {
          const startedAt = performance.now();
          try {
            return await original.apply(this, args);
          } finally {
            window.benchTaken.calls += 1;
            window.benchTaken.callsMs += performance.now() - startedAt;
          }
        },
      });
    }
  });
}

/** What was taken since the last call. */
export function takePhone(page: Page): Promise<Taken> {
  return page.evaluate(() => {
    const taken = { ...window.benchTaken };
    window.benchTaken = { writes: 0, writesMs: 0, reads: 0, readsMs: 0, calls: 0, callsMs: 0 };
    return taken;
  });
}
