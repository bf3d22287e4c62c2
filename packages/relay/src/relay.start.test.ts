import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Kysely, sql } from 'kysely';
import { RelayStartError } from './errors.ts';
import {
  encodeRendezvousClose,
  FrameType,
  HEADER_FIELDS,
  parseRendezvousId,
  type RendezvousId,
} from '@palmkey/envelope';
import { sees } from './sees.ts';
import { STORE_VERSION } from './store/migrate.ts';
import { storedColumns, type Schema } from './store/schema.ts';
import { sqliteDialect } from './store/sqlite.ts';
import { TestDevice } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'palmkey-relay-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function codeOfStart(options: Parameters<typeof testRelay>[0]): Promise<string> {
  const error = await testRelay(options).then(
    (relay) => relay.close(),
    (cause: unknown) => cause,
  );
  return error instanceof RelayStartError ? error.code : 'none';
}

test('a port in use, beyond loopback without a word, and a folder without an app are typed errors', async () => {
  const relay = await testRelay();
  onTestFinished(() => relay.close());
  expect(await codeOfStart({ port: relay.port })).toBe('port-in-use');
  expect(await codeOfStart({ host: '0.0.0.0', admission: 'open', origins: ['https://a.example'] })).toBe(
    'open-to-anyone',
  );
  expect(await codeOfStart({ host: '0.0.0.0' })).toBe('no-origin');
  expect(await codeOfStart({ origins: ['https://a.example/'] })).toBe('bad-origin');
  expect(await codeOfStart({ origins: ['relay'] })).toBe('bad-origin');
  expect(await codeOfStart({ appDir: await newFolder() })).toBe('no-app');
  expect(await codeOfStart({ host: '127.0.0.1', admission: 'open', openToAnyone: true })).toBe('none');
});

test('a device and an open rendezvous with whom it let in stay over a restart; what was never kept goes', async () => {
  const store = join(await newFolder(), 'new', 'relay.db');
  const [host, phone, passer] = [new TestDevice(), new TestDevice(), new TestDevice()];
  const ids = [1, 2].map((byte) => parseRendezvousId(new Uint8Array(32).fill(byte))) as [RendezvousId, RendezvousId];
  const first = await testRelay({ store });
  await first.admit(host);
  const socket = await host.enter(first.url);
  for (const [number, id] of ids.entries()) {
    socket.control(FrameType.rendezvousOpen, number, id);
    expect((await socket.next()).type).toBe(FrameType.done);
  }
  await phone.enter(first.url, { grant: ids[0] });
  await passer.enter(first.url, { grant: ids[1] });
  await first.close();

  const second = await testRelay({ store });
  onTestFinished(() => second.close());
  const again = await host.enter(second.url);
  await phone.enter(second.url);
  await passer.enter(second.url);
  again.control(FrameType.rendezvousClose, 3, encodeRendezvousClose(ids[0], phone.id));
  expect((await again.next()).type).toBe(FrameType.done);
  again.control(FrameType.rendezvousClose, 4, encodeRendezvousClose(ids[1], null));
  expect((await again.next()).type).toBe(FrameType.done);
  await phone.enter(second.url);
  expect(codeOf(await (await passer.connect(second.url)).next())).toBe('not-admitted');
});

test('a store of a newer version is refused and left as it is', async () => {
  const store = join(await newFolder(), 'relay.db');
  await (await testRelay({ store })).close();
  const db = new Kysely<Schema>({ dialect: await sqliteDialect(store) });
  await db
    .updateTable('meta')
    .set({ value: STORE_VERSION + 1 })
    .execute();
  await db.destroy();
  expect(await codeOfStart({ store })).toBe('newer-store');
  expect(await codeOfStart({ store: '/dev/null/relay.db' })).toBe('no-store');
});

test('all that is stored and every field of the header is in the list of what the relay sees', async () => {
  const store = join(await newFolder(), 'relay.db');
  await (await testRelay({ store })).close();
  const db = new Kysely<Schema>({ dialect: await sqliteDialect(store) });
  onTestFinished(() => db.destroy());
  const tables = (await db.introspection.getTables()).filter(({ name }) => !name.startsWith('sqlite_'));
  const columns = tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`)).sort();
  expect(
    sees
      .filter((s) => s.where === 'store')
      .map((s) => s.what)
      .sort(),
  ).toEqual(columns);
  expect(Object.keys(storedColumns).sort()).toEqual(tables.map((table) => table.name).sort());
  const { rows } = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(db);
  expect(rows[0]?.journal_mode).toBe('wal');
  let at = 0;
  for (const field of HEADER_FIELDS) {
    expect(field.offset).toBe(at);
    at += field.bytes;
    expect(sees).toContainEqual({ where: 'frame', what: field.name, tells: field.tells });
  }
  expect(at).toBe(40);
});
