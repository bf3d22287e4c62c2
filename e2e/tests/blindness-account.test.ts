/**
 * A relay that an account has lived at: computers and phones joined, one was removed, one came back by the words, and those
 * were replaced. What passed it, what it stored and logged, searched for everything that only the devices may know.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unlockKeyFile } from '@palmkey/core/account';
import { webPrimitives } from '@palmkey/core/crypto';
import { parseJoinUrl } from '@palmkey/core/provisioning';
import { wasmScrypt } from '@palmkey/core/scrypt';
import { paths } from '@palmkey/host/control';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  addDevice,
  beginJoining,
  letIn,
  makeWords,
  nameDevice,
  openAt,
  readNewcomer,
  revokeDevice,
  typeJoining,
} from '../lib/account-pages.ts';
import { connectAsPaper, perUserSecrets, type Secrets, secretsOfWords } from '../lib/account-secrets.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { findForms } from '../lib/canary.ts';
import type { Child } from '../lib/child.ts';
import { tapPrivateKeys } from '../lib/key-tap.ts';
import { palmkey, startPalmkey } from '../lib/palmkey.ts';
import { makeKey, readCode } from '../lib/phone.ts';
import { startTap, type Tap } from '../lib/tap.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const names = {
  first: 'Canary First b3Ny6',
  second: 'Canary Second q8Lt2',
  third: 'Canary Third z5Rw9',
  key: 'canary-key-w8Lr5',
};

const passphrase = 'canary river stone cloud';

const folder = tempFolder();
const home = join(folder.path, 'host');
const relayHome = join(folder.path, 'relay');
const browsers: PhoneBrowser[] = [];
const tapped: (() => readonly Uint8Array[])[] = [];
const secrets = new Map<string, string | Uint8Array>();
let tap: Tap;
let relay: Child;
let host: Child;
let seen: string;
let exported: Buffer;
let latestWords: readonly string[];

async function phone(profile: string): Promise<PhoneBrowser> {
  const browser = await openBrowser(join(folder.path, profile));
  browsers.push(browser);
  tapped.push(await tapPrivateKeys(browser.context));
  return browser;
}

function keep(found: Secrets): void {
  for (const [what, secret] of found) secrets.set(what, secret);
}

/** Words in a row, as a person has them: single ones stand in the list that the app is served with. */
function keepWords(which: string, words: readonly string[]): void {
  for (let at = 0; at + 3 <= words.length; at += 3) {
    secrets.set(`${which} words from the ${at + 1}th on`, words.slice(at, at + 3).join(' '));
  }
}

/** Encrypts what the app keeps. */
async function setPassphrase(page: Page): Promise<void> {
  await openAt(page, '/settings/passphrase');
  await page.getByLabel('New passphrase').fill(passphrase);
  await page.getByLabel('The same again').fill(passphrase);
  await page.getByRole('button', { name: 'Encrypt with it' }).click();
  await page.getByRole('heading', { name: 'Not encrypted yet' }).waitFor();
}

/** Opens the app that was loaded anew. */
async function unlock(page: Page): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

/** The stream of the passphrase under the salt that this browser keeps, in its four parts. */
async function streamOf(page: Page): Promise<Secrets> {
  const check = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('palmkey');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no database'));
    });
    const row = await new Promise<{ readonly check: Uint8Array }>((resolve, reject) => {
      const request = database.transaction('passphrase').objectStore('passphrase').get('passphrase');
      request.onsuccess = () => resolve(request.result as { readonly check: Uint8Array });
      request.onerror = () => reject(request.error ?? new Error('no row'));
    });
    database.close();
    return [...row.check];
  });
  const { stream } = await unlockKeyFile(wasmScrypt, passphrase, Uint8Array.from(check));
  return new Map(
    [0, 1, 2, 3].map((part) => [`part ${part} of the stream`, stream.bytes.slice(part * 32, part * 32 + 32)]),
  );
}

/** Resolves once the computer knows a device of the account by this name. */
async function accountNames(name: string): Promise<void> {
  const look = async () => expect((await palmkey(home, 'account')).output).toContain(name);
  await vi.waitFor(look, { timeout: 60_000, interval: 500 });
}

beforeAll(async () => {
  const port = await freePort();
  tap = await startTap(port);
  seen = `http://localhost:${tap.port}`;
  relay = startPalmkey(relayHome, 'relay', '--port', String(port), '--public-url', seen);
  await relay.prints(/palmkey up --relay/);
  host = startPalmkey(home, 'up', '--relay', seen);
  const [link] = await host.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
  const first = await phone('first');
  await first.page.goto(link);
  await makeKey(first.page, { key: names.key, device: names.first });
  host.write(`${await readCode(first.page)}\n`);
  await first.page.getByRole('button', { name: 'Go to the inbox' }).click();
  await accountNames(names.first);
  const begun = await makeWords(first.page);
  keepWords('first', begun);
  keep(secretsOfWords('first', begun));

  await setPassphrase(first.page);
  const second = await phone('second');
  await beginJoining(second.page, seen);
  const [eight] = await Promise.all([addDevice(first.page, 'Eight words'), unlock(first.page)]);
  keepWords('joining', (eight.words ?? expect.unreachable()).split(' ').slice(0, 6));
  await typeJoining(second.page, eight.words ?? expect.unreachable());
  await nameDevice(second.page, names.second);
  await readNewcomer(first.page);
  await letIn(first.page, second.page, names.second);
  // The stream came with the joining: the new device is locked under it, and asks for what nobody typed on it.
  keep(await streamOf(second.page));
  // A code of the other suite, which nobody uses.
  const [{ link: code, words: short }] = await Promise.all([addDevice(second.page), unlock(second.page)]);
  const { secret } = parseJoinUrl(code);
  if (secret.suite !== 'kex3') expect.unreachable();
  secrets.set('the secret in a code', secret.bytes);
  secrets.set('three words behind a number', (short ?? expect.unreachable()).replace(/^\d+ /, ''));
  await second.page.getByRole('button', { name: 'Cancel' }).click();
  await first.page.goto('about:blank');
  await Promise.all([revokeDevice(second.page, names.first), unlock(second.page)]);

  const third = await phone('third');
  await third.page.goto(seen);
  await third.page.getByRole('button', { name: 'I only have my recovery words' }).click();
  await third.page.getByRole('textbox').first().fill(begun.join(' '));
  await third.page.getByRole('button', { name: 'Find my account' }).click();
  await third.page.getByRole('heading', { name: 'Is this your account, as you left it?' }).waitFor({ timeout: 60_000 });
  await third.page.getByLabel('This device').fill(names.third);
  await third.page.getByRole('button', { name: 'Add this device' }).click();
  await third.page.getByRole('heading', { name: 'This device is in your account' }).waitFor({ timeout: 60_000 });
  await third.page.getByRole('button', { name: 'Go to the inbox' }).click();
  latestWords = await makeWords(third.page);
  keepWords('second', latestWords);
  keep(secretsOfWords('second', latestWords));
  await accountNames(names.third);

  const asPaper = await connectAsPaper(seen, latestWords);
  keep(await perUserSecrets(seen, asPaper));
  asPaper.client.close();
  for (const [which, keys] of tapped.entries()) {
    for (const [n, key] of keys().entries()) secrets.set(`private key ${n} of phone ${which}`, key);
  }
  const { signing, agreement } = JSON.parse(readFileSync(paths(home).device, 'utf8')) as Record<string, string>;
  secrets.set('signing key of the computer', Buffer.from(signing ?? expect.unreachable(), 'base64url'));
  secrets.set('agreement key of the computer', Buffer.from(agreement ?? expect.unreachable(), 'base64url'));
  secrets.set('the passphrase', passphrase);
  for (const [who, name] of Object.entries(names)) secrets.set(`name ${who}`, name);
  const file = join(folder.path, 'chain.json');
  expect((await palmkey(home, 'account', 'export', file)).exitCode).toBe(0);
  exported = readFileSync(file);
});

afterAll(async () => {
  for (const part of [...browsers, host, relay, tap]) await part[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Every file of the relay's folder, its database and write-ahead log among them. */
function stored(): Buffer {
  return Buffer.concat(
    readdirSync(relayHome, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
  );
}

/** What of the secrets stands there, in which form. */
function found(bytes: Buffer): readonly (readonly [string, readonly string[]])[] {
  return [...secrets]
    .map(([what, secret]) => [what, findForms(secret, bytes)] as const)
    .filter(([, forms]) => forms.length > 0);
}

const places = {
  'its sockets': () => tap.heard(),
  'its store': () => stored(),
  'its log': () => Buffer.from(relay.output),
  'an exported chain': () => exported,
};

test.each(Object.entries(places))('%s: hold no name, word, seed or private key of the account', (_, bytes) => {
  expect(found(bytes())).toEqual([]);
});

describe('the search itself', () => {
  test('looked for all of it: three generations, both papers, every phone and the computer', () => {
    const kinds = [...secrets.keys()];
    expect(kinds).toEqual(
      expect.arrayContaining([
        'seed 1',
        'seed 2',
        'seed 3',
        'symmetric key 3',
        'the secret in a code',
        'part 2 of the stream',
      ]),
    );
    for (const keys of tapped) expect(keys().length).toBeGreaterThanOrEqual(2);
    for (const secret of secrets.values()) expect(secret.length).toBeGreaterThanOrEqual(10);
    expect(new Set([...secrets.values()].map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(secrets.size);
    expect(exported.toString()).toContain('"links"');
  });

  test('knows the keys that the app made: their public halves are on the chain', async () => {
    const chain = exported.toString();
    const publics = await Promise.all(
      (tapped[0]?.() ?? []).map(async (each) => (await webPrimitives.signerOf(each)).publicKey),
    );
    expect(publics.some((each) => chain.includes(Buffer.from(each).toString('hex')))).toBe(true);
  });

  test.each(['raw', 'hex', 'base64', 'base64url'] as const)('finds a seed that a device stores as %s', async (form) => {
    const seed = secrets.get('seed 1');
    if (!(seed instanceof Uint8Array)) expect.unreachable();
    const record = form === 'raw' ? seed : Buffer.from(Buffer.from(seed).toString(form));
    const { client } = await connectAsPaper(seen, latestWords);
    await client.chain.write({ name: `planted/${form}`, revision: 0, bytes: new Uint8Array(record) });
    client.close();
    for (const bytes of [stored(), tap.heard()]) {
      const forms = found(bytes).find(([what]) => what === 'seed 1')?.[1] ?? [];
      expect(forms.join()).toContain(form);
    }
  });
});
