import { webPrimitives } from '@palmkey/core/crypto';
import type { PassphraseStream } from '@palmkey/core/account';
import { describe, expect, test } from 'vitest';
import { makeDevice } from '../keyring/device-keyring.ts';
import { keyBytes } from '../keyring/key-bytes.ts';
import { makeUserKey } from '../keyring/user-key.ts';
import { everythingIn, shows } from './testing/everything-in.ts';
import { MemoryStore, MemoryTables } from './memory-store.ts';
import { PassphraseRowLock } from './passphrase-row-lock.ts';
import type { PassphraseRow, PinRow } from './schema.ts';
import { storeContract } from './store-contract.ts';
import { type LockedRow, VaultStore } from './vault-store.ts';

const streamOf = (fill: number): PassphraseStream => ({
  generation: fill,
  salt: new Uint8Array(16).fill(fill),
  bytes: new Uint8Array(128).fill(fill),
});
const lockOf = (fill: number) => new PassphraseRowLock(webPrimitives, streamOf(fill));
const row: PassphraseRow = { id: 'passphrase', check: new Uint8Array([1]) };
const pin: PinRow = {
  id: '22/ssh-ed25519/prod.example.org',
  name: 'prod.example.org',
  port: 22,
  keyType: 'ssh-ed25519',
  hostKey: new TextEncoder().encode('a host key of some length'),
  pinnedAt: 5,
  computers: ['1a'],
};

/** A vault over tables that stay, locked by the stream of that number; 0: not locked. */
async function vaultOver(tables: MemoryTables, fill: number): Promise<VaultStore> {
  const vault = new VaultStore(new MemoryStore(tables));
  if (fill === 0) return vault;
  const lock = lockOf(fill);
  for (const table of ['device', 'keys'] as const) await lock.learn(await vault.lockedRows(table));
  vault.openWith(lock);
  return vault;
}

const putPin = (vault: VaultStore) => vault.transact('write', ['pins'], (rows) => rows.put('pins', pin));
const pins = (vault: VaultStore) => vault.transact('read', ['pins'], (rows) => rows.all('pins'));

describe.each([
  ['open', 0],
  ['locked', 1],
])('VaultStore, %s', (_how, fill) => {
  test.each(storeContract)('$name', async ({ run }) => {
    const tables = new MemoryTables();
    await run({ open: () => vaultOver(tables, fill) });
  });
});

describe('VaultStore, locked', () => {
  test('keeps nothing that can be read: no name, no id and no key, but a key whose bytes nobody has', async () => {
    const tables = new MemoryTables();
    const vault = await vaultOver(tables, 1);
    const device = await makeDevice('Pixel of somebody', 7, true);
    const key = await makeUserKey('Work', 7, 'ssh-ed25519', true);
    const older = await makeUserKey('Older', 6);
    await vault.transact('write', ['device', 'keys', 'pins'], async (rows) => {
      await rows.put('device', device);
      await rows.put('keys', key);
      await rows.put('keys', older);
      await rows.put('pins', pin);
    });
    const secrets = [device.signing, device.agreement, key].map(({ privateKey }) => keyBytes(privateKey));
    const kept = everythingIn(tables);
    for (const secret of secrets) {
      if (secret === undefined) expect.unreachable();
      expect(shows(kept, secret)).toBe(false);
      expect(shows(kept, secret.slice(-32))).toBe(false);
    }
    for (const text of ['Pixel', 'Work', 'example.org', 'ssh-ed25519', 'a host key', key.id])
      expect(shows(kept, text)).toBe(false);
    expect(kept.handles).toEqual([older.privateKey]);
    // The search finds what is there.
    const open = new MemoryTables();
    await putPin(await vaultOver(open, 0));
    expect(shows(everythingIn(open), 'example.org')).toBe(true);
    expect(shows(everythingIn(open), 'a host key')).toBe(true);
  });

  test('gives keys back that are used, and gives nothing out of them', async () => {
    const tables = new MemoryTables();
    const first = await vaultOver(tables, 1);
    const types = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'] as const;
    const made = await Promise.all(types.map((type) => makeUserKey(type, 0, type, true)));
    const device = await makeDevice('Pixel', 7, true);
    await first.transact('write', ['keys', 'device'], async (rows) => {
      for (const key of made) await rows.put('keys', key);
      await rows.put('device', device);
    });
    const second = await vaultOver(tables, 1);
    const found = await second.transact('read', ['keys'], (rows) => rows.all('keys'));
    expect(found.map(({ name }) => name).sort()).toEqual([...types].sort());
    for (const { privateKey } of found) {
      expect([privateKey.extractable, privateKey.usages]).toEqual([false, ['sign']]);
      await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow();
    }
    const again = await second.transact('read', ['device'], (rows) => rows.get('device', 'device'));
    if (again === undefined) expect.unreachable();
    const message = Uint8Array.of(1, 2, 3);
    const signature = await crypto.subtle.sign('Ed25519', again.signing.privateKey, message);
    expect(await crypto.subtle.verify('Ed25519', device.signing.publicKey, signature, message)).toBe(true);
    const agreed = (mine: CryptoKey, theirs: CryptoKey) =>
      crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, mine, 256);
    const other = await makeDevice('other', 7);
    expect(new Uint8Array(await agreed(again.agreement.privateKey, other.agreement.publicKey))).toEqual(
      new Uint8Array(await agreed(other.agreement.privateKey, device.agreement.publicKey)),
    );
  }, 60_000);

  test('keeps numbers without an end, nothing, and lists in lists', async () => {
    const vault = await vaultOver(new MemoryTables(), 1);
    const notices = { id: 'notices', on: true, relay: null, shows: 'little', allowKeys: ['a', 'b'] } as const;
    await vault.transact('write', ['notices', 'replay'], async (rows) => {
      await rows.put('notices', notices);
      await rows.put('replay', { id: 'a', window: new Uint8Array(), forgetAfter: Infinity });
    });
    const read = await vault.transact('read', ['notices', 'replay'], async (rows) => [
      await rows.get('notices', 'notices'),
      await rows.get('replay', 'a'),
    ]);
    expect(read).toEqual([notices, { id: 'a', window: new Uint8Array(), forgetAfter: Infinity }]);
  });

  test.each([
    ['was put in the place of another', (other: LockedRow, kept: LockedRow): LockedRow => ({ ...other, id: kept.id })],
    [
      'was changed',
      (_other: LockedRow, kept: LockedRow): LockedRow => ({
        ...kept,
        locked: kept.locked.map((byte, i) => (i === 60 ? byte ^ 1 : byte)),
      }),
    ],
    ['was cut', (_other: LockedRow, kept: LockedRow): LockedRow => ({ ...kept, locked: kept.locked.slice(0, -1) })],
  ])('opens no row that %s', async (_what, forge) => {
    const tables = new MemoryTables();
    const vault = await vaultOver(tables, 1);
    await putPin(vault);
    const before = new Map(tables.tables.get('pins'));
    await vault.transact('write', ['pins'], (rows) => rows.put('pins', { ...pin, id: 'other' }));
    const rows = [...(tables.tables.get('pins')?.values() ?? [])] as LockedRow[];
    const [id] = before.keys();
    const [kept, other] = [rows.find((each) => each.id === id), rows.find((each) => each.id !== id)];
    if (kept === undefined || other === undefined) expect.unreachable();
    tables.tables.set('pins', new Map([[kept.id, forge(other, kept)]]));
    await expect(pins(vault)).rejects.toMatchObject({ code: 'store-failed' });
  });

  test('is opened by no other stream', async () => {
    const tables = new MemoryTables();
    await putPin(await vaultOver(tables, 1));
    await expect(pins(await vaultOver(tables, 2))).rejects.toMatchObject({ code: 'store-failed' });
  });
});

describe('VaultStore.switchTo', () => {
  test('locks what is there, locks it anew, and keeps it open again, all rows at once', async () => {
    const tables = new MemoryTables();
    const vault = await vaultOver(tables, 0);
    await putPin(vault);
    for (const fill of [1, 2]) {
      await vault.switchTo({ lock: lockOf(fill), row });
      expect(shows(everythingIn(tables), 'example.org')).toBe(false);
      expect([await pins(vault), await vault.passphrase()]).toEqual([[pin], row]);
      expect(await pins(await vaultOver(tables, fill))).toEqual([pin]);
    }
    await vault.switchTo(null);
    expect([await pins(vault), await vault.passphrase()]).toEqual([[pin], null]);
    expect(await pins(await vaultOver(tables, 0))).toEqual([pin]);
  });

  test('that fails leaves every row as it was, and goes on with the former lock', async () => {
    const tables = new MemoryTables();
    const kept = new MemoryStore(tables);
    const vault = new VaultStore(kept);
    await putPin(vault);
    kept.failWrites = true;
    await expect(vault.switchTo({ lock: lockOf(1), row })).rejects.toMatchObject({ code: 'store-failed' });
    kept.failWrites = false;
    expect([await pins(vault), await vault.passphrase()]).toEqual([[pin], null]);
    await vault.switchTo({ lock: lockOf(1), row });
    const fault = new Error('ours');
    await expect(vault.switchTo(null, () => Promise.reject(fault))).rejects.toBe(fault);
    expect([await pins(vault), await vault.passphrase()]).toEqual([[pin], row]);
  });

  test('has what is asked meanwhile wait for it', async () => {
    const tables = new MemoryTables();
    const vault = await vaultOver(tables, 0);
    await putPin(vault);
    const switching = vault.switchTo({ lock: lockOf(1), row });
    await vault.transact('write', ['pins'], (rows) =>
      rows.put('pins', { ...pin, id: 'later', name: 'later.example.org' }),
    );
    await switching;
    expect((await pins(vault)).map(({ name }) => name)).toEqual(['prod.example.org', 'later.example.org']);
    expect(shows(everythingIn(tables), 'example.org')).toBe(false);
  });

  test('goes one after the other, and what is asked in between finds its row', async () => {
    const tables = new MemoryTables();
    const vault = await vaultOver(tables, 0);
    await putPin(vault);
    const all = [
      vault.switchTo({ lock: lockOf(1), row }),
      pins(vault),
      vault.switchTo({ lock: lockOf(2), row }),
      pins(vault),
      vault.switchTo(null),
      pins(vault),
    ];
    const found = await Promise.all(all);
    expect(found.filter((each) => each !== undefined)).toEqual([[pin], [pin], [pin]]);
    expect([...(tables.tables.get('pins')?.keys() ?? [])]).toEqual([pin.id]);
  });

  test('writes what is to come with it under the new lock', async () => {
    const tables = new MemoryTables();
    const vault = await vaultOver(tables, 0);
    await vault.switchTo({ lock: lockOf(1), row }, (rows) => rows.put('pins', pin));
    expect(shows(everythingIn(tables), 'example.org')).toBe(false);
    expect(await pins(vault)).toEqual([pin]);
  });
});

test('VaultStore.deleteAll needs no passphrase', async () => {
  const tables = new MemoryTables();
  const vault = await vaultOver(tables, 0);
  await putPin(vault);
  await vault.switchTo({ lock: lockOf(1), row });
  const shut = new VaultStore(new MemoryStore(tables));
  await shut.deleteAll();
  expect([await pins(shut), await shut.passphrase()]).toEqual([[], null]);
});
