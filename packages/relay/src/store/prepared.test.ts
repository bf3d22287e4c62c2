import { afterAll, describe, expect, test } from 'vitest';
import { testableDialects, TestStores } from '../testing/test-stores.ts';
import { prepare } from './prepared.ts';

const bytes = (n: number) => new Uint8Array(16).fill(n);

describe.each(testableDialects)('a prepared query on %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());

  test('each run puts its own values where they belong, and keeps what stood in the query', async () => {
    const { db } = await stores.open();
    const begin = prepare(db, (on, { at, id }: { id: Uint8Array; at: number }) =>
      on.insertInto('accounts').values({ id, created_at: at, github_user: null, blocked_at: 77 }),
    );
    await begin.run(db, { at: 5, id: bytes(1) });
    await begin.run(db, { id: bytes(2), at: 6 });
    const rows = await db.selectFrom('accounts').selectAll().orderBy('created_at').execute();
    expect(rows.map((row) => [new Uint8Array(row.id), row.created_at, row.github_user, row.blocked_at])).toEqual([
      [bytes(1), 5, null, 77],
      [bytes(2), 6, null, 77],
    ]);
  });

  test('a run in a transaction that is rolled back leaves nothing', async () => {
    const { db } = await stores.open();
    const begin = prepare(db, (on, { id }: { id: Uint8Array }) =>
      on.insertInto('accounts').values({ id, created_at: 1, github_user: null, blocked_at: null }),
    );
    const rolledBack = db.transaction().execute(async (transaction) => {
      await begin.run(transaction, { id: bytes(1) });
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(await db.selectFrom('accounts').select('id').execute()).toEqual([]);
  });
});

test('more queries than are kept by SQLite are all answered', async () => {
  await using stores = new TestStores('sqlite');
  const { db } = await stores.open();
  for (let length = 1; length <= 300; length++) {
    const ids = Array.from({ length }, () => bytes(1));
    expect(await db.selectFrom('devices').select('id').where('id', 'in', ids).execute()).toEqual([]);
  }
});
