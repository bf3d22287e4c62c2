/** A relay on an operator's own NATS and PostgreSQL, both with TLS and passwords, and what it says of them. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TestAuthority, type CertificateFiles } from '@palmkey/relay/testing/certificates';
import { RealNats } from '@palmkey/relay/testing/real-nats';
import { RealPostgres } from '@palmkey/relay/testing/real-postgres';
import { Child } from '../lib/child.ts';
import { palmkeyBin } from '../lib/palmkey.ts';
import { freePort, tempFolder, type TempFolder } from '../lib/temp.ts';

let folder: TempFolder;
let authority: TestAuthority;
let other: TestAuthority;
let postgres: RealPostgres;
let nats: RealNats;
let postgresPort: number;
let tls: CertificateFiles;

/** What NATS is configured with: these users, and TLS. */
const bus = (...users: string[]) => `
  tls { cert_file: "${tls.certificate}", key_file: "${tls.key}" }
  authorization: { users: [ ${users.map((name) => `{ user: ${name}, password: bus-s3cret }`).join(', ')} ] }`;

beforeAll(async () => {
  folder = tempFolder();
  [authority, other] = [new TestAuthority(), new TestAuthority()];
  tls = authority.issue('DNS:localhost');
  postgresPort = await freePort();
  postgres = await RealPostgres.start({
    port: postgresPort,
    tls,
    access: ['host all palmkey 127.0.0.1/32 trust', 'hostssl all relay 127.0.0.1/32 scram-sha-256'],
  });
  const client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  await client.query(`create role relay superuser login password 'store-s3cret'`);
  await client.end();
  nats = await RealNats.start([], bus('relay', 'other'));
}, 90_000);
afterAll(async () => {
  await nats[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  for (const one of [authority, other]) one[Symbol.dispose]();
  folder[Symbol.dispose]();
});

interface Given {
  readonly port?: number;
  readonly storePassword?: string;
  readonly busPassword?: string;
  readonly storeCa?: string;
  readonly busCa?: string;
}

function start({ port = 0, storePassword = 'store-s3cret', busPassword = 'bus-s3cret', ...ca }: Given = {}): Child {
  const { storeCa = authority.path, busCa = authority.path } = ca;
  const env = {
    PALMKEY_HOME: folder.path,
    HOME: folder.path,
    SSH_AUTH_SOCK: undefined,
    PALMKEY_RELAY_STORE: `postgres://relay:${storePassword}@localhost:${postgresPort}/postgres?sslmode=verify-full&sslrootcert=${storeCa}`,
    PALMKEY_RELAY_BUS: `tls://relay:${busPassword}@localhost:${nats.port}`,
  };
  const args = ['relay', '--no-app', '--port', String(port), '--bus-ca-file', busCa, '--log-level', 'trace'];
  return new Child(process.execPath, [palmkeyBin, ...args], { env });
}

test('it runs, waits for a bus that takes its user back, and shows no password in log, metrics and what it prints', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await using relay = start({ port });
  await relay.prints(/palmkey up --relay/, 60_000);
  const metrics = async () => (await fetch(`${url}/metrics`)).text();
  expect(await metrics()).toContain('palmkey_bus_connected 1');
  nats.configure(bus('other'));
  await relay.prints(/the bus does not let this relay in any more/, 30_000);
  const ready = await fetch(`${url}/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { waitsFor: ['bus'] }]);
  const shown = await metrics();
  expect(shown).toContain('palmkey_bus_connected 0');
  nats.configure(bus('relay', 'other'));
  await vi.waitFor(async () => expect((await fetch(`${url}/ready`)).status).toBe(200), { timeout: 20_000 });
  relay.kill('SIGTERM');
  expect(await relay.ended(60_000)).toBe(0);
  expect(relay.output + shown).not.toContain('s3cret');
});

test.each<[string, () => Given, RegExp]>([
  [
    'another password of NATS',
    () => ({ busPassword: 'wr0ng' }),
    /does not let this relay in\n.*--bus-credentials-file/,
  ],
  ['another authority of NATS', () => ({ busCa: other.path }), /no TLS with the NATS at [^\n]*\n.*--bus-ca-file/],
  ['another password of PostgreSQL', () => ({ storePassword: 'wr0ng' }), /does not let this relay in\n.*pg_hba/],
  [
    'another authority of PostgreSQL',
    () => ({ storeCa: other.path }),
    /no TLS with the PostgreSQL at .*\n.*sslrootcert/,
  ],
])('with %s it does not start, and says what to do without a password', async (_, given, words) => {
  await using relay = start(given());
  expect(await relay.ended(60_000)).toBe(1);
  expect(relay.output).toMatch(words);
  expect(relay.output).not.toMatch(/s3cret|wr0ng/);
});
