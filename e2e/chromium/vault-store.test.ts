/** The store under a passphrase over the browser's IndexedDB, whose transactions wait for nothing but itself. */
import { webPrimitives } from '@palmkey/core/crypto';
import { deleteDB } from 'idb';
import { describe, expect, test } from 'vitest';
import { makeDevice } from '../../apps/phone/src/keyring/device-keyring.ts';
import { openIndexedDbStore } from '../../apps/phone/src/store/indexed-db-store.ts';
import { PassphraseRowLock } from '../../apps/phone/src/store/passphrase-row-lock.ts';
import { storeContract } from '../../apps/phone/src/store/store-contract.ts';
import { VaultStore } from '../../apps/phone/src/store/vault-store.ts';

let databases = 0;
const row = { id: 'passphrase', check: new Uint8Array([1]) } as const;
const settings = { id: 'settings', secondWayAcknowledged: true, lock: null } as const;

const lockOf = (fill: number) =>
  new PassphraseRowLock(webPrimitives, {
    generation: fill,
    salt: new Uint8Array(16).fill(fill),
    bytes: new Uint8Array(128).fill(fill),
  });

/** A database of its own for one case, closed and deleted after it; each `open` is a look at it as after a reload. */
async function withVaults(run: (open: (lock: PassphraseRowLock | null) => Promise<VaultStore>) => Promise<void>) {
  const name = `vault ${++databases}`;
  const opened: VaultStore[] = [];
  try {
    await run(async (lock) => {
      const vault = new VaultStore(await openIndexedDbStore(name));
      opened.push(vault);
      if (lock !== null) {
        for (const table of ['device', 'keys'] as const) await lock.learn(await vault.lockedRows(table));
        vault.openWith(lock);
      }
      return vault;
    });
  } finally {
    for (const vault of opened) vault.close();
    await deleteDB(name);
  }
}

const read = (vault: VaultStore) =>
  vault.transact('read', ['settings', 'device'], async (rows) => ({
    settings: await rows.get('settings', 'settings'),
    device: await rows.get('device', 'device'),
  }));

describe('VaultStore over IndexedDB, locked', () => {
  for (const { name, run } of storeContract) {
    test(name, () => withVaults((open) => run({ open: () => open(lockOf(1)) })));
  }
});

describe('VaultStore.switchTo over IndexedDB', () => {
  test('locks every row, locks it anew, and unlocks it, with keys that sign all along', async () => {
    await withVaults(async (open) => {
      const device = await makeDevice('Pixel', 1, true);
      const vault = await open(null);
      await vault.transact('write', ['settings', 'device'], async (rows) => {
        await rows.put('settings', settings);
        await rows.put('device', device);
      });
      for (const fill of [1, 2, 0]) {
        await vault.switchTo(fill === 0 ? null : { lock: lockOf(fill), row });
        const again = await open(fill === 0 ? null : lockOf(fill));
        const kept = await read(again);
        expect(kept.settings).toEqual(settings);
        expect(await again.passphrase()).toEqual(fill === 0 ? null : row);
        if (kept.device === undefined) throw new Error('no device');
        const signature = await crypto.subtle.sign('Ed25519', kept.device.signing.privateKey, Uint8Array.of(1));
        expect(await crypto.subtle.verify('Ed25519', device.signing.publicKey, signature, Uint8Array.of(1))).toBe(true);
        await expect(crypto.subtle.exportKey('pkcs8', kept.device.signing.privateKey)).rejects.toThrow();
      }
    });
  });

  test('that is aborted in its middle has changed no row', async () => {
    await withVaults(async (open) => {
      const vault = await open(null);
      await vault.transact('write', ['settings'], (rows) => rows.put('settings', settings));
      const fault = new Error('ours');
      await expect(vault.switchTo({ lock: lockOf(1), row }, () => Promise.reject(fault))).rejects.toBe(fault);
      for (const look of [vault, await open(null)])
        expect([(await read(look)).settings, await look.passphrase()]).toEqual([settings, null]);
    });
  });
});
