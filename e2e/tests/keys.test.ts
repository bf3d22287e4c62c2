/** The keys that the app made, as whoever runs script in its page finds them: usable, and not to be had. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { type Daemon, startUp } from '../lib/palmkey.ts';
import { makeKey } from '../lib/phone.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
let daemon: Daemon;
let browser: PhoneBrowser;

/** Runs in the page and, as its source text, in a worker: tries everything on every private key in the store. */
async function tryEverything(): Promise<{ keys: number; tries: number; got: string[] }> {
  const open = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('palmkey');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
  });
  const keys: CryptoKey[] = [];
  const collect = (value: unknown): void => {
    if (value instanceof CryptoKey) {
      if (value.type !== 'public') keys.push(value);
    } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
      for (const inner of Object.values(value)) collect(inner);
    }
  };
  for (const name of Array.from(open.objectStoreNames)) {
    const rows = await new Promise<unknown[]>((resolve, reject) => {
      const request = open.transaction(name).objectStore(name).getAll();
      request.onsuccess = () => resolve(request.result as unknown[]);
      request.onerror = () => reject(request.error ?? new Error('no rows'));
    });
    rows.forEach(collect);
  }
  open.close();
  const gcm = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['wrapKey', 'encrypt']);
  const kw = await crypto.subtle.generateKey({ name: 'AES-KW', length: 256 }, true, ['wrapKey']);
  const rsa = await crypto.subtle.generateKey(
    { name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['wrapKey', 'unwrapKey'],
  );
  const got: string[] = [];
  let tries = 0;
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    tries += 1;
    try {
      await work();
      got.push(what);
    } catch {
      // What is hoped for.
    }
  };
  for (const original of keys) {
    for (const [how, key] of [
      ['', original],
      [' cloned', structuredClone(original)],
    ] as const) {
      const name = `${key.algorithm.name}${how}`;
      for (const format of ['raw', 'pkcs8', 'spki', 'jwk'] as const) {
        await attempt(`${name} exported as ${format}`, () => crypto.subtle.exportKey(format as 'raw', key));
        await attempt(`${name} wrapped as ${format} by AES-GCM`, () =>
          crypto.subtle.wrapKey(format, key, gcm, { name: 'AES-GCM', iv: new Uint8Array(12) }),
        );
        await attempt(`${name} wrapped as ${format} by AES-KW`, () => crypto.subtle.wrapKey(format, key, kw, 'AES-KW'));
        await attempt(`${name} wrapped as ${format} by RSA-OAEP`, () =>
          crypto.subtle.wrapKey(format, key, rsa.publicKey, { name: 'RSA-OAEP' }),
        );
      }
    }
  }
  return { keys: keys.length, tries, got };
}

beforeAll(async () => {
  daemon = startUp({ home: join(folder.path, 'home'), port: await freePort(), args: ['--no-pair'] });
  await daemon.child.prints(/Ctrl-C stops/);
  browser = await openBrowser(join(folder.path, 'profile'), { serviceWorkers: false });
  await browser.page.goto(daemon.origin);
  await makeKey(browser.page);
  await browser.page.getByRole('heading', { name: 'Pair your computer' }).waitFor();
});

afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** One user key and two device keys, each tried in 4 formats 4 ways, itself and as a clone. */
const expected = { keys: 3, tries: 3 * 4 * 4 * 2, got: [] };

test('exportKey in every format, wrapKey, and a structured clone followed by both throw in the page', async () => {
  expect(await browser.page.evaluate(tryEverything)).toEqual(expected);
});

test('the same in a worker of the page', async () => {
  const { page } = browser;
  const script = `(${tryEverything.toString()})().then((found) => postMessage(found), (error) => postMessage(String(error)))`;
  await page.route('**/probe-worker.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  const found = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/probe-worker.js');
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = (event) => reject(new Error(event.message));
      }),
  );
  expect(found).toEqual(expected);
});

test('the probe finds a key that can be exported', async () => {
  const { page } = browser;
  await page.evaluate(async () => {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
    await new Promise((resolve, reject) => {
      const request = indexedDB.open('palmkey');
      request.onerror = () => reject(request.error ?? new Error('no database'));
      request.onsuccess = () => {
        const [name = ''] = Array.from(request.result.objectStoreNames);
        const write = request.result.transaction(name, 'readwrite');
        write.objectStore(name).put({ id: 'probe', key: pair.privateKey });
        write.oncomplete = () => {
          request.result.close();
          resolve(undefined);
        };
      };
    });
  });
  const { got } = await page.evaluate(tryEverything);
  expect(got).toContain('Ed25519 exported as pkcs8');
});
