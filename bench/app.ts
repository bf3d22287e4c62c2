/**
 * How the app starts in a browser that never saw it: what JavaScript it has to fetch before anything is painted, and
 * when its first button acts, on a processor slowed to a quarter; and how long it stands still while eight words are
 * stretched in their worker, at full speed.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { openBrowser } from '../e2e/lib/browser.ts';
import { startPalmkey } from '../e2e/lib/palmkey.ts';
import { freePort, tempFolder } from '../e2e/lib/temp.ts';
import { type BenchOptions, median, type Row } from './rows.ts';

/** The first run's button, and the heading of the screen that it leads to. */
const buttonText = 'Make my key';
const nextHeading = 'Name your key';
const slowdown = 4;
/** So long a new browser is busy with itself. */
const settleMs = 2_000;
const actedMark = 'bench: acted';

/** One start, as the page's own clock has it. */
interface Start {
  readonly paintedMs: number;
  readonly actedMs: number;
  /** gzip -9 bytes of all JavaScript that was asked for before the first paint with content. */
  readonly scriptBytes: number;
}

/** What the words are stretched with (spec/provisioning.md, "Suites"). */
const COST = 2 ** 17;

export async function app({ quick }: BenchOptions): Promise<readonly Row[]> {
  using folder = tempFolder('palmkey-bench-');
  const port = await freePort();
  await using relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port));
  await relay.prints(/palmkey up --relay/);
  const starts: Start[] = [];
  for (let round = 0; round < (quick ? 2 : 5); round += 1) {
    starts.push(await start(join(folder.path, `profile-${round}`), `http://localhost:${port}/`));
  }
  const blocks: number[] = [];
  for (let round = 0; round < (quick ? 1 : 5); round += 1) {
    blocks.push(await longestBlock(join(folder.path, `stretching-${round}`), `http://localhost:${port}/`));
  }
  const row = { bench: 'app', case: `first start, ${slowdown} × slower processor`, subject: 'ours' };
  const stretching = { bench: 'app', case: 'eight words are stretched', subject: 'ours' };
  return [
    { ...row, metric: 'script_kb', value: median(starts.map((s) => s.scriptBytes)) / 1000, unit: 'kB' },
    { ...row, metric: 'painted_ms', value: median(starts.map((s) => s.paintedMs)), unit: 'ms' },
    { ...row, metric: 'acted_ms', value: median(starts.map((s) => s.actedMs)), unit: 'ms' },
    { ...stretching, metric: 'longest_block_ms', value: median(blocks), unit: 'ms' },
  ];
}

async function start(profile: string, url: string): Promise<Start> {
  await using browser = await openBrowser(profile);
  const { page, context } = browser;
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.addInitScript(clickAtOnce, { buttonText, nextHeading, actedMark });
  const bodies = collectBodies(page);
  // The browser's own start is not the app's.
  await wait(settleMs);
  // Waiting by a locator would work in the page and slow it.
  const acted = page.waitForEvent('console', (message) => message.text() === actedMark);
  await page.goto(url);
  await acted;
  const { actedMs, paintedMs, scripts } = await page.evaluate(() => ({
    actedMs: performance.getEntriesByName('bench: acted')[0]?.startTime ?? Number.NaN,
    paintedMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    scripts: performance
      .getEntriesByType('resource')
      .map(({ name, startTime }) => ({ name, startTime }))
      .filter(({ name }) => name.endsWith('.js')),
  }));
  const early = new Set(scripts.filter(({ startTime }) => startTime < paintedMs).map(({ name }) => name));
  let scriptBytes = 0;
  for (const [name, body] of bodies) if (early.has(name)) scriptBytes += gzipSync(await body, { level: 9 }).length;
  return { actedMs, paintedMs, scriptBytes };
}

/** The longest time between two turns of the page's event loop, from the question to the worker's answer. */
async function longestBlock(profile: string, url: string): Promise<number> {
  const assets = readdirSync(fileURLToPath(new URL('../apps/phone/dist/assets', import.meta.url)));
  const worker = assets.find((name) => name.startsWith('scrypt-worker-'));
  if (worker === undefined) throw new Error('the app is built without its worker');
  await using browser = await openBrowser(profile);
  const { page } = browser;
  await page.goto(url);
  await page.getByRole('button', { name: buttonText }).waitFor();
  await wait(settleMs);
  return await page.evaluate(
    async ({ worker, cost }) => {
      const { port1, port2 } = new MessageChannel();
      let [last, longest, isOver] = [performance.now(), 0, false];
      port1.onmessage = () => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
        if (!isOver) port2.postMessage(null);
      };
      port2.postMessage(null);
      const asked = new Worker(`/assets/${worker}`, { type: 'module' });
      const answer = new Promise((resolve, reject) => {
        asked.onmessage = resolve;
        asked.onerror = () => reject(new Error('the worker failed'));
      });
      asked.postMessage({
        password: new TextEncoder().encode('eight words'),
        salt: new Uint8Array(),
        cost,
        outBytes: 32,
      });
      await answer;
      isOver = true;
      asked.terminate();
      return longest;
    },
    { worker, cost: COST },
  );
}

/** The bodies of the scripts as they come, by address. */
function collectBodies(page: Page): ReadonlyMap<string, Promise<Buffer>> {
  const bodies = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') bodies.set(response.url(), response.body());
  });
  return bodies;
}

/**
 * In the page: clicks the button as soon as it is there and until it acts, and marks the frame after that. Methods, since
 * tsx would wrap a named function in a helper that the page does not have.
 */
function clickAtOnce(words: { buttonText: string; nextHeading: string; actedMark: string }): void {
  const page = {
    timer: setInterval(() => page.look(), 16),
    look() {
      if (page.hasActed()) return;
      [...document.querySelectorAll('button')].find((b) => b.textContent === words.buttonText)?.click();
      // What a click changes is drawn before the next task.
      queueMicrotask(() => page.hasActed());
    },
    hasActed() {
      if (![...document.querySelectorAll('h1')].some((h) => h.textContent === words.nextHeading)) return false;
      clearInterval(page.timer);
      requestAnimationFrame(() => {
        if (performance.getEntriesByName(words.actedMark).length > 0) return;
        performance.mark(words.actedMark);
        console.debug(words.actedMark);
      });
      return true;
    },
  };
}
