/** What the version before accounts has left on a phone and on a computer, put where this version finds it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { gunzipSync } from 'node:zlib';

/** A value of a row as JSON holds it. */
export type Stored =
  | string
  | number
  | boolean
  | null
  | readonly Stored[]
  | { readonly bytes: string }
  | { readonly key: { readonly jwk: JsonWebKey; readonly algorithm: string; readonly usages: readonly KeyUsage[] } }
  | { readonly fields: Readonly<Record<string, Stored>> };

/** A phone and a computer, paired, as `make-old-store.ts` has written them down. */
export interface OldStore {
  /** Where relay and app were. */
  readonly origin: string;
  /** The version of the app's database. */
  readonly schema: number;
  readonly tables: Readonly<Record<string, readonly Stored[]>>;
  /** Files below PALMKEY_HOME, compressed, in base64. */
  readonly files: Readonly<Record<string, string>>;
}

/** The one that is kept. */
export function oldStore(): OldStore {
  return JSON.parse(readFileSync(new URL('../fixtures/before-accounts.json', import.meta.url), 'utf8')) as OldStore;
}

/** Puts a computer's files into a folder. */
export function restoreComputer({ files }: OldStore, home: string): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, gunzipSync(Buffer.from(text, 'base64')), { mode: 0o600 });
  }
}

/** Makes a phone's database in a browser that has none, for an app at another origin; its keys cannot be taken out again. */
export async function restorePhone(page: Page, store: OldStore, origin: string): Promise<void> {
  const blank = `${origin}/blank`;
  await page.route(blank, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(blank);
  const text = JSON.stringify(store).replaceAll(store.origin, origin);
  await page.evaluate(writeAll, text);
  await page.unroute(blank);
}

/** Runs in the page. */
async function writeAll(text: string): Promise<void> {
  const { schema, tables } = JSON.parse(text) as OldStore;
  const lively = async (value: Stored): Promise<unknown> => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return Promise.all((value as readonly Stored[]).map(lively));
    if ('bytes' in value) return Uint8Array.from(atob(value.bytes), (letter) => letter.charCodeAt(0));
    if ('key' in value) {
      const { jwk, algorithm, usages } = value.key;
      // A private key is one that nobody can take out; what is public is for everybody.
      return crypto.subtle.importKey('jwk', { ...jwk, ext: true }, algorithm, jwk.d === undefined, [...usages]);
    }
    if (!('fields' in value)) return null;
    const fields = await Promise.all(
      Object.entries(value.fields).map(async ([name, field]) => [name, await lively(field)] as const),
    );
    return Object.fromEntries(fields);
  };
  const rows = await Promise.all(
    Object.entries(tables).map(async ([name, all]) => [name, await Promise.all(all.map(lively))] as const),
  );
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open('palmkey', schema);
    opening.onupgradeneeded = () => {
      for (const [name] of rows) opening.result.createObjectStore(name, { keyPath: 'id' });
    };
    opening.onerror = () => reject(new Error('no database'));
    opening.onsuccess = () => {
      const names = rows.map(([name]) => name);
      const writing = opening.result.transaction(names, 'readwrite');
      for (const [name, all] of rows) for (const row of all) writing.objectStore(name).put(row);
      writing.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}
