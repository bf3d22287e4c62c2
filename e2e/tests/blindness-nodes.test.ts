/**
 * A relay of two nodes with everything on — PostgreSQL, NATS, mail, push, metrics, the fullest log — searched for words
 * that only the two ends may know, and held against the list of what a relay sees (SECURITY.md).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { webPrimitives } from '@palmkey/core/crypto';
import { parseDeviceName, type Peer } from '@palmkey/core/devices';
import { type Content, MemoryReplayStore, Opener, Sealer } from '@palmkey/core/messages';
import { parseRequestHash } from '@palmkey/core/requests';
import { equal, type SealedBody, toHex } from '@palmkey/envelope';
import { busSubjects, logFields, type Relay, sees, startRelay } from '@palmkey/relay';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PushService } from '../../packages/relay/src/testing/push-service.ts';
import { RealNats } from '../../packages/relay/src/testing/real-nats.ts';
import { RealPostgres } from '../../packages/relay/src/testing/real-postgres.ts';
import { findForms } from '../lib/canary.ts';
import { connectDevice, makeDevice } from '../lib/scripted-device.ts';
import { startTap, type Tap } from '../lib/tap.ts';
import { freePort } from '../lib/temp.ts';

const canaries = {
  name: 'canary-name-q2Zt8',
  key: 'canary-key-h7Wb4',
  software: 'canary-software-n5Kc1',
  server: 'canary-server-v3xd6.example.org',
};

const opened: AsyncDisposable[] = [];
const log: string[] = [];
const metrics: string[] = [];
const heardOnBus: { subject: string; data: Buffer }[] = [];
let postgres: RealPostgres;
let nats: RealNats;
let pushes: PushService;
let ear: NatsConnection;
const taps: Tap[] = [];
const pushed: Buffer[] = [];
/** The bus's files while mail waits: what is acked goes from them. */
let waiting: Buffer = Buffer.alloc(0);
const received: Content[] = [];
let storeUrl: string;
let phoneId: string;

function closing<T extends AsyncDisposable>(part: T): T {
  opened.push(part);
  return part;
}

async function startNode(): Promise<{ relay: Relay; seen: string }> {
  const port = await freePort();
  const tap = closing(await startTap(port));
  taps.push(tap);
  const seen = `http://localhost:${tap.port}`;
  const relay = closing(
    await startRelay({
      host: '127.0.0.1',
      port,
      origins: [seen],
      admission: 'members',
      store: storeUrl,
      bus: nats.url,
      push: { contact: 'https://relay.example.org', services: [pushes.host], ca: pushes.ca },
      logger: pino({ level: 'trace' }, { write: (line: string) => log.push(line) }),
    }),
  );
  return { relay, seen };
}

beforeAll(async () => {
  postgres = closing(await RealPostgres.start());
  storeUrl = await postgres.createDatabase('relay');
  nats = closing(await RealNats.start());
  pushes = closing(await PushService.start());
  ear = await connect({ servers: nats.url });
  const hearing = ear.subscribe('palmkey.>');
  void (async () => {
    for await (const { subject, data } of hearing) heardOnBus.push({ subject, data: Buffer.from(data) });
  })();
  const [near, far] = [await startNode(), await startNode()];

  const [hostKeys, phoneKeys] = [await makeDevice(), await makeDevice()];
  phoneId = toHex(phoneKeys.id);
  const peer = (keys: typeof hostKeys, role: Peer['role']): Peer => ({
    id: keys.id,
    signingKey: keys.signer.publicKey,
    agreementKey: keys.agreement.publicKey,
    name: parseDeviceName(canaries.name),
    role,
  });
  const clock = { now: () => Date.now() };
  const sealer = new Sealer({ primitives: webPrimitives, device: hostKeys, clock });
  const opener = new Opener({
    primitives: webPrimitives,
    device: phoneKeys,
    role: 'decides',
    peers: { find: (id) => (equal(id, hostKeys.id) ? peer(hostKeys, 'asks') : undefined) },
    replay: new MemoryReplayStore(),
    clock,
  });
  for (const keys of [hostKeys, phoneKeys]) {
    await near.relay.admit({ signingKey: keys.signer.publicKey, agreementKey: keys.agreement.publicKey });
  }

  // The phone says where it is reached, and goes.
  const before = connectDevice(far.seen, phoneKeys).client;
  await before.connected();
  await before.pushRegister(pushes.subscribe());
  before.close();

  const here: Content = {
    kind: 'here',
    name: parseDeviceName(canaries.name),
    software: canaries.software,
    keys: [{ blob: new Uint8Array(51).fill(7), comment: canaries.key }],
  };
  const preview: Content = {
    kind: 'preview',
    hash: parseRequestHash(new Uint8Array(32).fill(9)),
    of: { what: 'login', user: canaries.key, server: { name: canaries.server, port: 22 } },
  };
  const seal = (content: Content): Promise<SealedBody> => sealer.seal([peer(phoneKeys, 'decides')], content);
  const host = connectDevice(near.seen, hostKeys).client;
  await host.connected();
  host.send(phoneKeys.id, await seal(here), { lifetimeMs: 60_000 });
  host.send(phoneKeys.id, await seal(here), { lifetimeMs: 60_000, durable: true });
  await vi.waitFor(() => expect(host.unsettled).toBe(0), { timeout: 20_000 });
  expect(await host.push(phoneKeys.id, await seal(preview), 60_000)).toBe('handed');
  const { payload, body } = await pushes.next();
  pushed.push(payload, body);

  waiting = filesOf(nats.folder);

  // It comes back at the other node, and there is something live for it.
  const after = connectDevice(far.seen, phoneKeys).client;
  const done = new Promise<void>((resolve) => {
    after.onBody(async (_, sealed) => {
      received.push((await opener.open(sealed)).content);
      if (received.length === 3) resolve();
    });
  });
  await after.connected();
  await vi.waitFor(
    async () => {
      if (received.length < 3) host.send(phoneKeys.id, await seal(here));
      expect(received.length).toBeGreaterThanOrEqual(3);
    },
    { timeout: 20_000 },
  );
  await done;
  // The node where it is says that it reads; one that is too busy to say so has it pushed to.
  await vi.waitFor(async () => expect(await host.push(phoneKeys.id, await seal(preview), 60_000)).toBe('connected'), {
    timeout: 20_000,
    interval: 1_000,
  });
  for (const { seen } of [near, far]) metrics.push(await (await fetch(`${seen}/metrics`)).text());
  await host.forgetDevice(hostKeys.id).catch(() => undefined);
  for (const client of [host, after]) client.close();
});

afterAll(async () => {
  await ear.close();
  for (const part of opened.reverse()) await part[Symbol.asyncDispose]();
});

/** All rows of all tables, as PostgreSQL writes them as text: bytes as hexadecimal. */
async function rows(): Promise<Buffer> {
  const client = new pg.Client(storeUrl);
  await client.connect();
  const tables = await client.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  const texts = [];
  for (const { name } of tables.rows) {
    texts.push(
      ...(await client.query<{ row: string }>(`select t::text as row from "${name}" t`)).rows.map(({ row }) => row),
    );
  }
  await client.end();
  return Buffer.from(texts.join('\n'));
}

function filesOf(folder: string): Buffer {
  return Buffer.concat(
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
  );
}

const places: Record<string, () => Buffer | Promise<Buffer>> = {
  'its sockets': () => Buffer.concat(taps.map((tap) => tap.heard())),
  'its store': rows,
  'its bus': () => Buffer.concat(heardOnBus.flatMap(({ subject, data }) => [Buffer.from(subject), data])),
  'what its bus keeps': () => Buffer.concat([waiting, filesOf(nats.folder)]),
  'its log': () => Buffer.from(log.join('')),
  'its metrics': () => Buffer.from(metrics.join('')),
  'what it pushes': () => Buffer.concat(pushed),
};

describe.each(Object.entries(places))('the relay of two nodes: %s', (_place, bytes) => {
  test.each(Object.entries(canaries))('do not show the %s', async (_what, word) => {
    expect(findForms(word, await bytes())).toEqual([]);
  });
});

describe('the search itself', () => {
  test('looked where something was: the words arrived, and every place tells of the phone what it may', async () => {
    expect(JSON.stringify(received)).toContain(canaries.software);
    for (const place of ['its sockets', 'its store', 'its bus', 'what its bus keeps']) {
      const bytes = (await places[place]?.()) ?? Buffer.alloc(0);
      const found = bytes.includes(Buffer.from(phoneId, 'hex')) || bytes.includes(Buffer.from(phoneId));
      expect([place, found]).toEqual([place, true]);
    }
    expect(log.join('')).toContain(phoneId.slice(0, 8));
    expect(log.join('')).not.toContain(phoneId);
    expect(metrics.join('')).toMatch(/palmkey_mail_taken_total [1-9]/);
    expect(pushed[0]?.length).toBeGreaterThan(200);
  });
});

describe('the list of what a relay sees', () => {
  const listed = (where: string): string[] => sees.filter((sight) => sight.where === where).map(({ what }) => what);

  test('has every column of the store, and no other', async () => {
    const client = new pg.Client(storeUrl);
    await client.connect();
    const { rows: columns } = await client.query<{ what: string }>(
      "select table_name || '.' || column_name as what from information_schema.columns where table_schema = 'public'",
    );
    await client.end();
    expect(columns.map(({ what }) => what).sort()).toEqual(listed('store').sort());
  });

  test('has every subject of the bus', () => {
    const said = new Set(heardOnBus.map(({ subject }) => subject.split('.')[1] ?? ''));
    expect([...said]).toEqual(expect.arrayContaining(['frame', 'awake']));
    expect([...said].filter((name) => !Object.hasOwn(busSubjects, name))).toEqual([]);
    expect(listed('bus')).toEqual(Object.keys(busSubjects));
  });

  test('has every field of the log', () => {
    const fields = new Set(log.flatMap((line) => Object.keys(JSON.parse(line) as object)));
    const pinos = ['level', 'time', 'pid', 'hostname', 'msg', 'reqId', 'responseTime'];
    expect([...fields].filter((name) => !pinos.includes(name) && !Object.hasOwn(logFields, name))).toEqual([]);
    expect(listed('log')).toEqual(Object.keys(logFields));
  });

  test('has the metrics, whose labels tell no devices apart', () => {
    const text = metrics.join('\n');
    const labels = new Set([...text.matchAll(/^palmkey_[^{\n]+\{([^=]+)=/gm)].map(([, label]) => label));
    expect([...labels].sort()).toEqual(['code', 'outcome', 'type']);
    expect(listed('metrics')).toEqual(['palmkey_*']);
  });
});
