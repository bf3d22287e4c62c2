import { describe, expect, test } from 'vitest';
import { MIGRATIONS } from './migrations.ts';
import { MemoryStore, MemoryTables } from './memory-store.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { storeContract } from './store-contract.ts';

describe('MemoryStore', () => {
  test.each(storeContract)('$name', async ({ run }) => {
    const tables = new MemoryTables();
    await run({ open: () => Promise.resolve(new MemoryStore(tables)) });
  });

  test('fails writes on demand, and writes nothing then', async () => {
    const store = new MemoryStore();
    store.failWrites = true;
    const write = store.transact('write', ['settings'], (transaction) =>
      transaction.put('settings', { id: 'settings', secondWayAcknowledged: true, lock: null }),
    );
    await expect(write).rejects.toMatchObject({ code: 'store-failed' });
    const rows = await store.transact('read', ['settings'], (transaction) => transaction.all('settings'));
    expect(rows).toEqual([]);
  });
});

test('migrations arrive at the version that the rows are of', () => {
  expect(MIGRATIONS).toHaveLength(SCHEMA_VERSION);
});
