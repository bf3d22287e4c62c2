import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { postgresPrograms, RealPostgres } from '../testing/real-postgres.ts';
import { TestClock } from '../testing/test-clock.ts';
import { PatientPool } from './patient-pool.ts';

/** How long it lets a database alone. */
const PAUSE_MS = 250;

/** A database that hangs up on whoever dials, as one does that has just begun to recover, and counts them. */
async function recovering(): Promise<{ readonly url: string; dials: number }> {
  const server = createServer((socket) => {
    database.dials++;
    socket.on('error', () => undefined).destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const database = { url: `postgres://palmkey@127.0.0.1:${(server.address() as AddressInfo).port}/none`, dials: 0 };
  return database;
}

async function postgresWith(...settings: string[]): Promise<RealPostgres> {
  const postgres = await RealPostgres.start({ settings: ['fsync=off', ...settings] });
  onTestFinished(() => postgres[Symbol.asyncDispose]());
  return postgres;
}

function plainPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max, connectionTimeoutMillis: 2_000 });
  // The end of the database is the end of what is still on its way to be closed.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  onTestFinished(() => pool.end());
  return pool;
}

function poolOf(url: string, max = 8): { pool: PatientPool; clock: TestClock } {
  const clock = new TestClock();
  return { pool: new PatientPool(plainPool(url, max), clock), clock };
}

test('a database that was not there is dialled again only after a while, however often it is asked', async () => {
  const database = await recovering();
  const { pool, clock } = poolOf(database.url);
  const first: unknown = await pool.connect().catch((error: unknown) => error);
  expect(first).toBeInstanceOf(Error);
  for (let i = 0; i < 100; i++) await expect(pool.connect()).rejects.toBe(first);
  expect(database.dials).toBe(1);
  clock.advance(PAUSE_MS - 1);
  await expect(pool.connect()).rejects.toBe(first);
  clock.advance(1);
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => pool.connect()));
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
  expect(database.dials).toBe(2);
});

test.skipIf(postgresPrograms === undefined)(
  'a database that is back is dialled as often as it takes',
  async () => {
    const postgres = await postgresWith();
    const { pool, clock } = poolOf(postgres.url());
    await postgres.stop('SIGQUIT');
    await expect(pool.connect()).rejects.toThrow();
    await postgres.run();
    clock.advance(PAUSE_MS);
    const first = await pool.connect();
    const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
    for (const client of [first, ...clients]) client.release();
  },
  60_000,
);

test.skipIf(postgresPrograms === undefined)(
  'a connection that stands is used though a further one was not to be had',
  async () => {
    const postgres = await postgresWith('max_connections=4');
    const others = plainPool(postgres.url(), 4);
    const { pool } = poolOf(postgres.url(), 2);
    const ours = await pool.connect();
    const taken = await Promise.all([others.connect(), others.connect(), others.connect()]);
    await expect(pool.connect()).rejects.toThrow('too many clients');
    ours.release();
    const again = await pool.connect();
    expect((await again.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    again.release();
    for (const client of taken) client.release();
  },
  60_000,
);

test.skipIf(postgresPrograms === undefined)(
  'who waits in vain for a connection that is at work says nothing of the database',
  async () => {
    const postgres = await postgresWith();
    const { pool } = poolOf(postgres.url(), 1);
    const ours = await pool.connect();
    await expect(pool.connect()).rejects.toThrow('timeout exceeded');
    ours.release(true);
    (await pool.connect()).release();
  },
  60_000,
);
