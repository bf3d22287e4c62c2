import { Kysely, sql } from 'kysely';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { RelayStartError } from '../errors.ts';
import { postgresPrograms, RealPostgres } from '../testing/real-postgres.ts';
import { postgresTypes, sqliteTypes } from './column-types.ts';
import { exclusively, openDatabase, type Database } from './database.ts';
import { STORE_VERSION } from './migrate.ts';
import { devices as firstMigration } from './migrations/0001-devices.ts';
import { postgresDialect } from './postgres.ts';
import type { Schema } from './schema.ts';
import { sqliteDialect } from './sqlite.ts';

let postgres: RealPostgres | undefined;
beforeAll(async () => {
  if (postgresPrograms !== undefined) postgres = await RealPostgres.start({ settings: ['fsync=off'] });
}, 60_000);
afterAll(() => postgres?.[Symbol.asyncDispose]());

let databases = 0;
async function newStore(dialect: Database['dialect']): Promise<string> {
  if (dialect === 'postgres') return postgres!.createDatabase(`database_${++databases}`);
  const folder = await mkdtemp(join(tmpdir(), 'palmkey-store-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'relay.db');
}

async function open(where: string): Promise<Database> {
  const database = await openDatabase(where);
  onTestFinished(() => database.close());
  return database;
}

async function raw(where: string, dialect: Database['dialect']): Promise<Kysely<Schema>> {
  return new Kysely<Schema>({ dialect: dialect === 'postgres' ? postgresDialect(where) : await sqliteDialect(where) });
}

const codeOf = (start: Promise<unknown>): Promise<unknown> =>
  start.then(
    () => 'opened',
    (error: unknown) => (error instanceof RelayStartError ? error.code : error),
  );

const bytes = (value: number, length = 16): Uint8Array => new Uint8Array(length).fill(value);

describe.each([
  { dialect: 'sqlite' as const, skip: false },
  { dialect: 'postgres' as const, skip: postgresPrograms === undefined },
])('a store in $dialect', ({ dialect, skip }) => {
  test.skipIf(skip)('holds its version, and is not opened by a program older than it', async () => {
    const where = await newStore(dialect);
    const { db, close } = await openDatabase(where);
    expect(await db.selectFrom('meta').selectAll().execute()).toEqual([{ name: 'version', value: STORE_VERSION }]);
    await db
      .updateTable('meta')
      .set({ value: STORE_VERSION + 1 })
      .execute();
    await close();
    expect(await codeOf(openDatabase(where))).toBe('newer-store');
  });

  test.skipIf(skip)('gives numbers up to 2^53 and bytes back as they were put in', async () => {
    const { db } = await open(await newStore(dialect));
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    await db.insertInto('secrets').values({ name: 'a', value }).execute();
    await db.insertInto('meta').values({ name: 'b', value: 7 }).execute();
    const account = { id: bytes(1), created_at: Number.MAX_SAFE_INTEGER, github_user: 0, blocked_at: null };
    await db.insertInto('accounts').values(account).execute();
    const secret = await db.selectFrom('secrets').select('value').executeTakeFirstOrThrow();
    expect(secret.value).toBeInstanceOf(Uint8Array);
    expect([...secret.value]).toEqual([...value]);
    const found = await db.selectFrom('accounts').selectAll().executeTakeFirstOrThrow();
    expect([found.created_at, found.github_user, found.blocked_at]).toEqual([Number.MAX_SAFE_INTEGER, 0, null]);
    const { count } = await db
      .selectFrom('accounts')
      .select((of) => of.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe(1);
  });

  test.skipIf(skip)('of version 1 is lifted: who let nobody in has an account, with all whom it let in', async () => {
    const where = await newStore(dialect);
    const old = await raw(where, dialect);
    await firstMigration(old as unknown as Kysely<unknown>, dialect === 'postgres' ? postgresTypes : sqliteTypes);
    await old.schema
      .createTable('meta')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'integer')
      .execute();
    await old.insertInto('meta').values({ name: 'version', value: 1 }).execute();
    const gone = 99;
    const lineage: [device: number, by: number | null][] = [
      [1, null],
      [2, 1],
      [3, 2],
      [4, null],
      [5, gone],
    ];
    for (const [device, by] of lineage) {
      await sql`insert into devices (id, signing_key, agreement_key, admitted_by, admitted_via, created_at)
        values (${bytes(device)}, ${bytes(device, 32)}, ${bytes(device, 32)},
          ${by === null ? null : bytes(by)}, ${by === null ? 'operator' : 'rendezvous'}, ${1000 + device})`.execute(
        old,
      );
    }
    await old.destroy();
    const { db } = await open(where);
    const lifted = await db.selectFrom('devices').selectAll().orderBy('id').execute();
    expect(lifted.map((row) => [row.id[0], row.account[0], row.seen_on, row.blocked_at])).toEqual([
      [1, 1, 0, null],
      [2, 1, 0, null],
      [3, 1, 0, null],
      [4, 4, 0, null],
      [5, 5, 0, null],
    ]);
    const accounts = await db.selectFrom('accounts').selectAll().orderBy('id').execute();
    expect(accounts.map((row) => [row.id[0], row.created_at, row.github_user])).toEqual([
      [1, 1001, null],
      [4, 1004, null],
      [5, 1005, null],
    ]);
  });

  test.skipIf(skip)('lets one at a time count and write on a topic', async () => {
    const where = await newStore(dialect);
    const one = await open(where);
    // A SQLite file has one process, and that one connection.
    const other = dialect === 'postgres' ? await open(where) : one;
    const addIfFewerThan5 = (database: Database) =>
      exclusively(database, 'admission', async (transaction) => {
        const rows = await transaction.selectFrom('secrets').select('name').execute();
        if (rows.length >= 5) return;
        await transaction
          .insertInto('secrets')
          .values({ name: String(rows.length), value: bytes(1) })
          .execute();
      });
    await Promise.all(Array.from({ length: 12 }, (_, i) => addIfFewerThan5(i % 2 === 0 ? one : other)));
    expect(await one.db.selectFrom('secrets').select('name').execute()).toHaveLength(5);
    await expect(
      exclusively(one, 'admission', async (transaction) => {
        await transaction.deleteFrom('secrets').execute();
        throw new Error('given up');
      }),
    ).rejects.toThrow('given up');
    expect(await other.db.selectFrom('secrets').select('name').execute()).toHaveLength(5);
  });
});

test.skipIf(postgresPrograms === undefined)(
  'a PostgreSQL that several nodes open at the same time is migrated once',
  async () => {
    const where = await newStore('postgres');
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(where)));
    for (const { db } of opened) expect(await db.selectFrom('devices').selectAll().execute()).toEqual([]);
    await Promise.all(opened.map((database) => database.close()));
  },
);

test.skipIf(postgresPrograms === undefined)(
  'a PostgreSQL that goes away fails queries, and serves again when it is back',
  async () => {
    const own = await RealPostgres.start({ settings: ['fsync=off'] });
    onTestFinished(() => own[Symbol.asyncDispose]());
    const { db } = await open(own.url());
    const query = () => db.selectFrom('devices').select('id').execute();
    expect(await query()).toEqual([]);
    await own.stop('SIGQUIT');
    await expect(query()).rejects.toThrow();
    await expect(
      db.transaction().execute((transaction) => transaction.selectFrom('meta').selectAll().execute()),
    ).rejects.toThrow();
    expect(await codeOf(openDatabase(own.url()))).toBe('no-store');
    await own.run();
    // What was not there a moment ago is let alone for a while.
    await vi.waitFor(async () => expect(await query()).toEqual([]), { timeout: 10_000 });
  },
  60_000,
);

test('a store that is neither a file nor a database that can be reached is no store', async () => {
  expect(await codeOf(openDatabase('/dev/null/relay.db'))).toBe('no-store');
  expect(await codeOf(openDatabase('postgres://palmkey@127.0.0.1:1/none'))).toBe('no-store');
});
