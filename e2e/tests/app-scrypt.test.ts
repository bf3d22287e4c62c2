/** scrypt in the app, as a relay serves it: in a worker beside the page, and WebAssembly nowhere but there. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import type { Child } from '../lib/child.ts';
import { startPalmkey } from '../lib/palmkey.ts';
import { freePort, tempFolder } from '../lib/temp.ts';
import { readPage } from '../../vectors/page.ts';

const { suites } = readPage('provisioning') as { suites: { words: string; cost: number; stretched: string }[] };
const costly = suites.find(({ cost }) => cost === 2 ** 17) ?? expect.unreachable();
const assets = readdirSync(fileURLToPath(new URL('../../apps/phone/dist/assets', import.meta.url)));
const workers = assets.filter((name) => name.startsWith('scrypt-worker-'));
const folder = tempFolder();
let relay: Child;
let browser: PhoneBrowser;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port));
  await relay.prints(/palmkey up --relay/);
  origin = `http://localhost:${port}`;
  browser = await openBrowser(join(folder.path, 'profile'));
  await browser.page.goto(origin);
  await browser.page.getByRole('button', { name: /key/i }).first().waitFor();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test('the page goes on while eight words are stretched in the worker, which gives what libsodium does', async () => {
  expect(workers).toHaveLength(1);
  const { hex, turns } = await browser.page.evaluate(
    async ({ url, words, cost }) => {
      const worker = new Worker(url, { type: 'module' });
      const answered = new Promise<Uint8Array>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Uint8Array>) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      });
      worker.postMessage({ password: new TextEncoder().encode(words), salt: new Uint8Array(), cost, outBytes: 32 });
      // A page that waits has no turn of its event loop before the answer.
      let turns = 0;
      let isOver = false;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        turns += 1;
        if (!isOver) port2.postMessage(null);
      };
      port2.postMessage(null);
      const answer = await answered.finally(() => (isOver = true));
      worker.terminate();
      const hex = Array.from(answer, (byte) => byte.toString(16).padStart(2, '0')).join('');
      return { hex, turns };
    },
    { url: `/assets/${workers[0]}`, words: costly.words, cost: costly.cost },
  );
  expect(hex).toBe(costly.stretched);
  expect(turns).toBeGreaterThan(100);
});

test('the page itself may not compile WebAssembly', async () => {
  const outcome = await browser.page.evaluate(() =>
    WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)).then(
      () => 'compiled',
      (error: unknown) => String(error),
    ),
  );
  expect(outcome).toContain('Content Security Policy');
});

test('of all files of the app the worker alone comes with another policy', async () => {
  const policyOf = async (path: string) => (await fetch(origin + path)).headers.get('content-security-policy');
  const page = await policyOf('/');
  for (const name of assets) {
    const policy = await policyOf(`/assets/${name}`);
    if (name !== workers[0]) expect(policy, name).toBe(page);
    else expect(policy).toBe("default-src 'none';script-src 'self' 'wasm-unsafe-eval';frame-ancestors 'none'");
  }
});
