/** The contract of the store over the browser's IndexedDB. Runs in a page only; the same contract in Node is over memory. */
import { deleteDB, openDB } from 'idb';
import { describe, expect, test } from 'vitest';
import { makeDevice } from '../../apps/phone/src/keyring/device-keyring.ts';
import { UserKey } from '../../apps/phone/src/keyring/user-key.ts';
import { openIndexedDbStore } from '../../apps/phone/src/store/indexed-db-store.ts';
import { type Migration, MIGRATIONS } from '../../apps/phone/src/store/migrations.ts';
import { storeContract } from '../../apps/phone/src/store/store-contract.ts';
import type { Store } from '../../apps/phone/src/store/store.ts';

let databases = 0;

/** A database of its own, by a name of its own, for one case; all that were opened are closed and deleted after it. */
async function withDatabase(
  run: (name: string, open: (...more: OpenMore) => Promise<Store>) => Promise<void>,
): Promise<void> {
  const name = `case ${++databases}`;
  const opened: Store[] = [];
  try {
    await run(name, async (...more) => {
      const store = await openIndexedDbStore(name, ...more);
      opened.push(store);
      return store;
    });
  } finally {
    for (const store of opened) store.close();
    await deleteDB(name);
  }
}
type OpenMore = [events?: Parameters<typeof openIndexedDbStore>[1], migrations?: readonly Migration[]];

const settings = { id: 'settings', secondWayAcknowledged: true, lock: null } as const;
const write = (store: Store) => store.transact('write', ['settings'], (t) => t.put('settings', settings));
const read = (store: Store) => store.transact('read', ['settings'], (t) => t.get('settings', 'settings'));

/** A version that this app does not have yet: it adds a table and takes every row along. */
const next: readonly Migration[] = [...MIGRATIONS, (database) => void database.createObjectStore('later')];

describe('openIndexedDbStore', () => {
  for (const { name, run } of storeContract) {
    test(name, () => withDatabase((_, open) => run({ open: () => open() })));
  }

  test('keeps a CryptoKey that cannot be exported as a handle that signs', async () => {
    await withDatabase(async (_, open) => {
      const row = await makeDevice('Pixel', 1);
      const first = await open();
      await first.transact('write', ['device'], (t) => t.put('device', row));
      first.close();
      const again = await open();
      const kept = await again.transact('read', ['device'], (t) => t.get('device', 'device'));
      const { privateKey } = kept!.signing;
      const signature = await crypto.subtle.sign('Ed25519', privateKey, Uint8Array.of(1));
      expect(await crypto.subtle.verify('Ed25519', row.signing.publicKey, signature, Uint8Array.of(1))).toBe(true);
      await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow();
    });
  });

  test('migrates forward, with every row', async () => {
    await withDatabase(async (name, open) => {
      const before = await open();
      await write(before);
      before.close();
      const after = await open({}, next);
      expect(await read(after)).toEqual(settings);
      after.close();
      const raw = await openDB(name);
      expect([raw.version, raw.objectStoreNames.contains('later')]).toEqual([next.length, true]);
      raw.close();
    });
  });

  test('takes a database of version 1 over, with keys that still sign', async () => {
    await withDatabase(async (name, open) => {
      const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
      const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
      const old = await openDB(name, 1, { upgrade: (db) => void MIGRATIONS[0]?.(db, undefined as never) });
      const line = { id: 'h/1', hash: '1', at: 5, outcome: 'approved', signed: true, keyName: 'Work' };
      await old.put('keys', { id: 'k', name: 'Work', publicKey, privateKey: pair.privateKey, createdAt: 1 });
      await old.put('history', line);
      await old.put('history', { ...line, id: 'h/2', outcome: 'expired', signed: false });
      await old.put('pairings', { id: 'h', hostName: 'laptop' });
      await old.put('requests', { id: 'h/r', answer: null });
      await old.put('settings', { id: 'settings', secondWayAcknowledged: true });
      old.close();
      const store = await open();
      const kept = await store.transact('read', ['keys', 'history', 'pairings', 'requests', 'settings'], async (t) => ({
        keys: await t.all('keys'),
        history: await t.all('history'),
        pairing: await t.get('pairings', 'h'),
        request: await t.get('requests', 'h/r'),
        settings: await t.get('settings', 'settings'),
      }));
      const [row] = kept.keys;
      expect(row).not.toHaveProperty('publicKey');
      const key = new UserKey(row!);
      expect([key.type, key.name, key.blob.slice(-32)]).toEqual(['ssh-ed25519', 'Work', publicKey]);
      const signature = await crypto.subtle.sign('Ed25519', row!.privateKey, Uint8Array.of(1));
      expect(await crypto.subtle.verify('Ed25519', pair.publicKey, signature, Uint8Array.of(1))).toBe(true);
      const added = { kind: 'login', subject: null, repository: null };
      expect(kept.history).toMatchObject([
        { ...line, ...added, by: 'person' },
        { ...added, by: null },
      ]);
      expect(kept.pairing).toMatchObject({ hostName: 'laptop', speaks: null, mutedUntil: null });
      expect(kept.request).toMatchObject({ permission: null });
      expect(kept.settings).toEqual({ id: 'settings', secondWayAcknowledged: true, lock: null });
      store.close();
      // The app of version 1 does not open what this one has made of it.
      await expect(open({}, MIGRATIONS.slice(0, 1))).rejects.toMatchObject({ code: 'newer-version' });
    });
  });

  test('refuses a database of a newer version, and changes nothing in it', async () => {
    await withDatabase(async (name, open) => {
      const newer = await open({}, next);
      await write(newer);
      newer.close();
      await expect(open()).rejects.toMatchObject({ code: 'newer-version' });
      const raw = await openDB(name);
      expect([raw.version, await raw.get('settings', 'settings')]).toEqual([next.length, settings]);
      raw.close();
    });
  });

  test('a migration that throws leaves the version and the rows as they were', async () => {
    await withDatabase(async (_, open) => {
      const before = await open();
      await write(before);
      before.close();
      const broken: Migration = (database) => {
        database.deleteObjectStore('settings');
        throw new Error('half way');
      };
      await expect(open({}, [...MIGRATIONS, broken])).rejects.toMatchObject({ code: 'store-failed' });
      expect(await read(await open())).toEqual(settings);
    });
  });

  test('steps aside for a newer app in another tab, and says so', async () => {
    await withDatabase(async (_, open) => {
      let lost: unknown;
      const older = await open({ onLost: (error) => (lost = error) });
      await write(older);
      const newer = await open({}, next);
      expect(lost).toMatchObject({ code: 'newer-version' });
      await expect(write(older)).rejects.toMatchObject({ code: 'store-failed' });
      expect(await read(newer)).toEqual(settings);
    });
  });
});
