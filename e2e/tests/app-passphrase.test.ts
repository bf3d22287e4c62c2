/** The passphrase in the app: set, asked for after a reload, and what a copy of the store then holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyFact } from '@palmkey/host/control';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  beginJoining,
  hold,
  letIn,
  nameDevice,
  openAt,
  readJoining,
  readNewcomer,
  typeJoining,
} from '../lib/account-pages.ts';
import { openBrowser } from '../lib/browser.ts';
import { palmkey } from '../lib/palmkey.ts';
import { answer } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

const passphrase = 'apple river stone cloud';
const other = 'four other words here';
let stage: Stage;
let page: Page;
/** The name of the key that was made first. */
let first: string;

beforeAll(async () => {
  stage = await Stage.open();
  page = stage.page;
  first = stage.keyLine.split(' ').slice(2).join(' ');
  await tapSecrets(page.context());
});
afterAll(() => stage[Symbol.asyncDispose]());

declare global {
  var secretsMade: string[] | undefined;
}

/** From the next page on, what WebCrypto is given or gives as PKCS#8 is noted, in hexadecimal. */
async function tapSecrets(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const { subtle } = crypto;
    const made: string[] = [];
    globalThis.secretsMade = made;
    const note = (bytes: Uint8Array): void => {
      made.push(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
    };
    const exportKey = subtle.exportKey.bind(subtle) as (format: string, key: CryptoKey) => Promise<ArrayBuffer>;
    const importKey = subtle.importKey.bind(subtle) as (
      format: string,
      bytes: Uint8Array,
      ...rest: unknown[]
    ) => unknown;
    Object.assign(subtle, {
      exportKey: async (format: string, key: CryptoKey) => {
        const bytes = await exportKey(format, key);
        if (format === 'pkcs8') note(new Uint8Array(bytes));
        return bytes;
      },
      importKey: (format: string, bytes: Uint8Array, ...rest: unknown[]) => {
        if (format === 'pkcs8') note(bytes);
        return importKey(format, bytes, ...rest);
      },
    });
  });
}

/** Everything in the app's database: texts and bytes in hexadecimal, and how many private keys there are as handles. */
async function dump(of: Page): Promise<{ hex: string; handles: number; rows: number }> {
  return of.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('palmkey');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no database'));
    });
    const found: string[] = [];
    let [handles, rows] = [0, 0];
    const look = (value: unknown): void => {
      if (value instanceof CryptoKey) handles += value.type === 'private' ? 1 : 0;
      else if (typeof value === 'string') look(new TextEncoder().encode(value));
      else if (value instanceof Uint8Array)
        found.push(Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join(''));
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
    };
    for (const name of Array.from(database.objectStoreNames)) {
      const all = await new Promise<unknown[]>((resolve, reject) => {
        const request = database.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => resolve(request.result as unknown[]);
        request.onerror = () => reject(request.error ?? new Error('no rows'));
      });
      rows += all.length;
      all.forEach(look);
    }
    database.close();
    return { hex: found.join('|'), handles, rows };
  });
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
/** RFC 8410: what is before the 32 bytes of an Ed25519 and of an X25519 key. */
const prefixes = ['302e020100300506032b657004220420', '302e020100300506032b656e04220420'];

async function goTo(place: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: place }).click();
}

/** The line of a key for authorized_keys, once the computer has heard of it. */
async function keyCalled(name: string): Promise<string> {
  const found = async () => {
    const { stdout } = await palmkey(stage.home, 'keys', '--json');
    return (JSON.parse(stdout) as KeyFact[]).find(({ comment }) => comment === name)?.line ?? '';
  };
  await expect.poll(found, { timeout: 20_000 }).not.toBe('');
  return found();
}

async function unlock(of: Page, text: string): Promise<void> {
  await of.getByRole('heading', { name: 'Your passphrase' }).waitFor();
  await of.getByLabel('Passphrase', { exact: true }).fill(text);
  await of.getByRole('button', { name: 'Open', exact: true }).click();
}

test('before there is one, a copy of the store shows names, and the keys as the browser has them', async () => {
  const { hex: kept, handles } = await dump(page);
  expect(kept).toContain(hex('Pixel'));
  expect(handles).toBe(3);
});

test('it is set by typing it twice, and the page says which keys it does not cover', async () => {
  await openAt(page, '/settings/passphrase');
  const set = page.getByRole('button', { name: 'Encrypt with it' });
  await page.getByLabel('New passphrase').fill(passphrase);
  await page.getByLabel('The same again').fill(other);
  expect(await set.isDisabled()).toBe(true);
  await page.getByLabel('The same again').fill(passphrase);
  await set.click();
  await page.getByRole('heading', { name: 'Not encrypted yet' }).waitFor();
  await page.getByRole('heading', { name: 'This device’s own keys' }).waitFor();
  await page.getByRole('heading', { name: 'An SSH key' }).waitFor();
  expect((await dump(page)).handles).toBe(3);
});

test('new keys for this device are made that it covers, and the computer takes their word', async () => {
  await page.getByRole('button', { name: 'Make new keys for this device' }).click();
  await page.getByRole('button', { name: 'Make them' }).click();
  await page.getByRole('heading', { name: 'This device’s own keys' }).waitFor({ state: 'detached', timeout: 60_000 });
  await page.getByRole('heading', { name: 'An SSH key' }).waitFor();
  await goTo('Inbox');
  const ssh = stage.login();
  await answer(page);
  expect(await ssh.ended()).toBe(0);
});

/** Private keys that the page has made or opened, as PKCS#8 in hexadecimal. */
let known: readonly string[];

test('a new SSH key takes the place of the one that it does not cover', async () => {
  await goTo('Keys');
  await page.getByRole('button', { name: 'Make another key' }).click();
  await page.getByLabel('Name of the new key').fill('Covered');
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByRole('link', { name: /Covered/ }).waitFor();
  const line = await keyCalled('Covered');
  stage.sshd.authorize([line]);
  await page.getByRole('link', { name: new RegExp(first) }).click();
  await page.getByRole('button', { name: 'Remove this key' }).click();
  await hold(page, 'Hold to remove it for good');
  await page.getByRole('link', { name: new RegExp(first) }).waitFor({ state: 'detached' });
  await goTo('Settings');
  await page.getByRole('link', { name: /Passphrase/ }).click();
  await page.getByRole('heading', { name: 'Everything here is encrypted' }).waitFor();
  known = await page.evaluate(() => globalThis.secretsMade ?? []);
  // Two of the device and the SSH key; the account's per-user key is made of its seed beside them.
  expect(known.length).toBeGreaterThanOrEqual(3);
});

test('after a reload it is asked for, and a copy of the store holds no key and no name', async () => {
  await page.goto(stage.origin);
  await page.getByRole('heading', { name: 'Your passphrase' }).waitFor();
  const { hex: kept, handles, rows } = await dump(page);
  expect([handles, rows > 10]).toEqual([0, true]);
  for (const secret of known) {
    expect(kept).not.toContain(secret);
    expect(kept).not.toContain(secret.slice(-64));
  }
  for (const prefix of prefixes) expect(kept).not.toContain(prefix);
  for (const text of ['Pixel', 'Covered', 'localhost', 'ssh-ed25519']) expect(kept).not.toContain(hex(text));
  expect(await page.evaluate(() => globalThis.secretsMade ?? [])).toEqual([]);
});

test('nor do the files of the browser’s profile, wherever it has put what was written', () => {
  const files = filesUnder(join(stage.folder, 'phone')).map((file) => readFileSync(file));
  const has = (bytes: Buffer) => files.some((file) => file.includes(bytes));
  // What was written before it was set is found, as SECURITY.md says: so is what would stand there now.
  expect(has(Buffer.from('Pixel'))).toBe(true);
  for (const secret of known) expect(has(Buffer.from(secret.slice(-64), 'hex'))).toBe(false);
});

test('a wrong one is said to be so, and nothing is answered before the right one', async () => {
  const ssh = stage.login();
  await unlock(page, other);
  await page.getByText(/Not the passphrase\./).waitFor();
  expect(await page.getByRole('button', { name: /approve/i }).count()).toBe(0);
  expect(ssh.exitCode).toBeNull();
  await unlock(page, passphrase);
  await answer(page);
  expect(await ssh.ended()).toBe(0);
  expect(stage.browser.problems).toEqual([]);
});

test('a device that joins is opened by the same passphrase, which nobody has typed on it', async () => {
  const profile = join(stage.folder, 'second');
  await openAt(page, '/devices/add');
  await unlock(page, passphrase);
  const { link } = await readJoining(page);
  const second = await openBrowser(profile);
  await beginJoining(second.page, stage.origin);
  await typeJoining(second.page, link);
  await nameDevice(second.page, 'Second phone');
  await readNewcomer(page);
  await letIn(page, second.page, 'Second phone');
  const { handles, hex: kept } = await dump(second.page);
  expect(handles).toBe(0);
  expect(kept).not.toContain(hex('Second phone'));
  await second[Symbol.asyncDispose]();

  await using again = await openBrowser(profile);
  await again.page.goto(stage.origin);
  await unlock(again.page, other);
  await again.page.getByText(/Not the passphrase\./).waitFor();
  await unlock(again.page, passphrase);
  await again.page.getByText('Nothing is asking.').waitFor();
});

test('it is changed and taken away by who knows it', async () => {
  await goTo('Settings');
  await page.getByRole('link', { name: /Passphrase/ }).click();
  await page.getByLabel('Your passphrase').fill(other);
  await page.getByRole('button', { name: 'Take it away' }).click();
  await page.getByText('Not the passphrase.').waitFor();
  await page.getByLabel('Your passphrase').fill(passphrase);
  await page.getByLabel('New passphrase').fill(other);
  await page.getByLabel('The same again').fill(other);
  await page.getByRole('button', { name: 'Change it' }).click();
  await page.getByText('Changed.', { exact: true }).waitFor();
  await page.reload();
  await unlock(page, passphrase);
  await page.getByText(/Not the passphrase\./).waitFor();
  await unlock(page, other);
  await page.getByLabel('Your passphrase').fill(other);
  await page.getByRole('button', { name: 'Take it away' }).click();
  await page.getByRole('button', { name: 'Encrypt with it' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Passphrase', exact: true }).waitFor();
  expect((await dump(page)).hex).toContain(hex('Covered'));
});
