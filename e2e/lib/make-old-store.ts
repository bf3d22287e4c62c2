/**
 * Writes `e2e/fixtures/before-accounts.json`: what the version before accounts left on a phone and on a computer that were
 * paired. `node scripts/run.mjs e2e/lib/make-old-store.ts CHECKOUT`, where CHECKOUT is commit 9e79cbe with its build
 * (`npm run setup` there); then `npx prettier --write e2e/fixtures`. The keys are nobody's: the browser is made to put a
 * copy of each aside, as it does for no app.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { openBrowser } from './browser.ts';
import { Child } from './child.ts';
import type { OldStore, Stored } from './old-store.ts';
import { makeKey, readCode } from './phone.ts';
import { freePort, tempFolder } from './temp.ts';

const target = fileURLToPath(new URL('../fixtures/before-accounts.json', import.meta.url));
/** What of a computer's folder outlasts its daemon and is read again. */
const FILES = ['home.json', 'host/device.json', 'host/pairings.json', 'relay/relay.sqlite', 'relay/relay.sqlite-wal'];

const [checkout = ''] = process.argv.slice(2);
using folder = tempFolder();
const home = join(folder.path, 'home');
const port = await freePort();
const origin = `http://localhost:${port}`;
const command = join(checkout, 'packages/cli/bin/palmkey.js');
const daemon = new Child(process.execPath, [command, 'up', '--home', home, '--port', String(port), '--no-try'], {
  stdin: 'pipe',
  env: { NO_COLOR: '1', SSH_AUTH_SOCK: undefined },
});
const browser = await openBrowser(join(folder.path, 'phone'));
const { page } = browser;
// What the loader of this program calls to name functions.
await browser.context.addInitScript('globalThis.__name = (made) => made');
await browser.context.addInitScript(keepPrivateKeys);
await page.goto((await daemon.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/))[0]);
await makeKey(page, { device: 'Old phone', key: 'Old key' });
daemon.write(`${await readCode(page)}\n`);
await page.getByRole('button', { name: 'Go to the inbox' }).click();
await page.getByText('Nothing is asking.').waitFor();

const { schema, tables } = await page.evaluate(readAll);
await browser[Symbol.asyncDispose]();
await daemon[Symbol.asyncDispose]();
const there = FILES.filter((name) => existsSync(join(home, name)));
const files = Object.fromEntries(
  there.map((name) => [name, gzipSync(readFileSync(join(home, name)), { level: 9 }).toString('base64')]),
);
const store: OldStore = { origin, schema, tables, files };
writeFileSync(target, `${JSON.stringify(store, null, 2)}\n`);

/** Runs in the page, before the app: its keys stay as they are, and a copy of each is put aside. */
function keepPrivateKeys(): void {
  const { subtle } = crypto;
  const generateKey = subtle.generateKey.bind(subtle);
  Object.defineProperty(SubtleCrypto.prototype, 'generateKey', {
    async value(algorithm: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]) {
      const made = await generateKey(algorithm, true, usages);
      if (!('privateKey' in made)) return made;
      const { publicKey, privateKey } = made;
      const jwk = await subtle.exportKey('jwk', privateKey);
      const kept = JSON.parse(sessionStorage.getItem('kept') ?? '[]') as JsonWebKey[];
      sessionStorage.setItem('kept', JSON.stringify([...kept, jwk]));
      const inside = await subtle.importKey('jwk', jwk, algorithm, extractable, privateKey.usages);
      return { publicKey, privateKey: inside };
    },
  });
}

/** Runs in the page: every row of every table, bytes and keys in a form that JSON holds. */
async function readAll(): Promise<{ schema: number; tables: Record<string, Stored[]> }> {
  const { subtle } = crypto;
  const kept = JSON.parse(sessionStorage.getItem('kept') ?? '[]') as JsonWebKey[];
  const other = await subtle.generateKey({ name: 'X25519' }, true, ['deriveBits']);
  if (!('publicKey' in other)) throw new TypeError('X25519 made no pair');
  const { publicKey } = other;
  /** What a private key does, by which it is known again. */
  const does = async (key: CryptoKey): Promise<string> => {
    const { name } = key.algorithm;
    const bytes =
      name === 'Ed25519'
        ? await subtle.sign({ name }, key, new Uint8Array(1))
        : await subtle.deriveBits({ name, public: publicKey }, key, 256);
    return [...new Uint8Array(bytes)].join();
  };
  const copyOf = async (key: CryptoKey): Promise<JsonWebKey> => {
    if (key.type === 'public') return subtle.exportKey('jwk', key);
    const wanted = await does(key);
    for (const jwk of kept.filter(({ crv }) => crv === key.algorithm.name)) {
      const copy = await subtle.importKey('jwk', jwk, key.algorithm.name, false, key.usages);
      if ((await does(copy)) === wanted) return jwk;
    }
    throw new Error('a key of which there is no copy');
  };
  const plain = async (value: unknown): Promise<Stored> => {
    if (value instanceof CryptoKey) {
      return { key: { jwk: await copyOf(value), algorithm: value.algorithm.name, usages: [...value.usages] } };
    }
    if (value instanceof Uint8Array) return { bytes: btoa(String.fromCharCode(...value)) };
    if (Array.isArray(value)) return Promise.all(value.map(plain));
    if (typeof value === 'object' && value !== null) {
      const fields = await Promise.all(
        Object.entries(value).map(async ([name, field]) => [name, await plain(field)] as const),
      );
      return { fields: Object.fromEntries(fields) };
    }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    return null;
  };
  const database = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open('palmkey');
    opening.onsuccess = () => resolve(opening.result);
  });
  const tables: Record<string, Stored[]> = {};
  for (const name of database.objectStoreNames) {
    const rows = await new Promise<unknown[]>((resolve) => {
      const getting = database.transaction(name).objectStore(name).getAll();
      getting.onsuccess = () => resolve(getting.result as unknown[]);
    });
    tables[name] = await Promise.all(rows.map(plain));
  }
  database.close();
  return { schema: database.version, tables };
}
