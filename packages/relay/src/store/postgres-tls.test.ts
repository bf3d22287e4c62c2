import { sql } from 'kysely';
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RelayStartError } from '../errors.ts';
import { loggedError } from '../logged-error.ts';
import { TestAuthority } from '../testing/certificates.ts';
import { freePort } from '../testing/real-nats.ts';
import { postgresPrograms, RealPostgres } from '../testing/real-postgres.ts';
import { openDatabase } from './database.ts';
import { postgresPlace } from './postgres-tls.ts';

describe('postgresPlace', () => {
  it('leaves a URL as it is that says nothing of TLS', () => {
    for (const url of ['postgres://a:b@c/d', 'postgres://a@localhost/d?host=%2Frun%2Fpostgresql&application_name=x'])
      expect(postgresPlace(url)).toEqual({ connectionString: url });
  });

  it('takes out what is said of TLS, so that pg reads nothing else into it', () => {
    expect(postgresPlace('postgres://a:b@c/d?sslmode=disable&x=1')).toEqual({
      connectionString: 'postgres://a:b@c/d?x=1',
      ssl: false,
    });
    expect(postgresPlace('postgres://a:b@c/d?sslmode=verify-full')).toEqual({
      connectionString: 'postgres://a:b@c/d',
      ssl: { rejectUnauthorized: true },
    });
    expect(postgresPlace('postgres://a:b@c/d?sslmode=verify-full&sslrootcert=system').ssl).toEqual({
      rejectUnauthorized: true,
    });
    expect(postgresPlace('postgres://a:b@c/d?sslmode=require').ssl).toEqual({ rejectUnauthorized: false });
  });

  it.each([
    'sslmode=prefer',
    'sslmode=allow',
    'sslmode=no-verify',
    'sslmode=Verify-Full',
    'sslmode=',
    'ssl=true',
    'ssl=no-verify',
    'sslmode=verify-full&uselibpqcompat=true',
    'sslmode=verify-ca',
    'sslmode=verify-ca&sslrootcert=system',
    'sslmode=verify-full&sslrootcert=/dev/null/none',
    'sslmode=verify-full&sslcert=/dev/null',
    'sslrootcert=/dev/null',
  ])('refuses %s without repeating the URL', (query) => {
    const url = `postgres://relay:s3cret@c/d?${query}`;
    expect(() => postgresPlace(url)).toThrow(expect.objectContaining({ code: 'bad-store' }));
    expect(() => postgresPlace(url)).not.toThrow(/s3cret/);
  });
});

describe.runIf(postgresPrograms !== undefined)('openDatabase over TLS', () => {
  let authority: TestAuthority;
  let other: TestAuthority;
  let postgres: RealPostgres;
  let port: number;

  beforeAll(async () => {
    [authority, other] = [new TestAuthority(), new TestAuthority()];
    port = await freePort();
    postgres = await RealPostgres.start({
      port,
      settings: ['fsync=off'],
      tls: authority.issue('DNS:localhost'),
      access: ['host all palmkey 127.0.0.1/32 trust', 'hostssl all relay 127.0.0.1/32 scram-sha-256'],
    });
    const client = new pg.Client({ connectionString: postgres.url() });
    await client.connect();
    await client.query(`create role relay superuser login password 's3cret'`);
    await client.end();
  }, 60_000);
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]();
    for (const one of [authority, other]) one[Symbol.dispose]();
  });

  /** Opens it and closes it again: how the connection was, or why there was none, and all that would be logged. */
  async function tried(query: string, { host = 'localhost', password = 's3cret' } = {}) {
    const url = `postgres://relay:${password}@${host}:${port}/postgres${query === '' ? '' : `?${query}`}`;
    try {
      const database = await openDatabase(url);
      const asked = sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
      const { rows } = await asked.execute(database.db);
      await database.close();
      return { outcome: rows[0]?.ssl === true ? 'TLS' : 'plain', said: '' };
    } catch (error) {
      if (!(error instanceof RelayStartError)) throw error;
      return { outcome: error.code, said: JSON.stringify(loggedError(error)) };
    }
  }

  it('takes verify-full only from the given authority and for the host', async () => {
    expect((await tried(`sslmode=verify-full&sslrootcert=${authority.path}`)).outcome).toBe('TLS');
    expect((await tried(`sslmode=verify-full&sslrootcert=${other.path}`)).outcome).toBe('store-tls');
    expect((await tried('sslmode=verify-full')).outcome).toBe('store-tls');
    const byAddress = await tried(`sslmode=verify-full&sslrootcert=${authority.path}`, { host: '127.0.0.1' });
    expect(byAddress.outcome).toBe('store-tls');
  });

  it('takes verify-ca, and require with an authority, from that authority for any host, and require from anybody', async () => {
    const host = '127.0.0.1';
    for (const mode of ['verify-ca', 'require']) {
      expect((await tried(`sslmode=${mode}&sslrootcert=${authority.path}`, { host })).outcome).toBe('TLS');
      expect((await tried(`sslmode=${mode}&sslrootcert=${other.path}`, { host })).outcome).toBe('store-tls');
    }
    expect((await tried('sslmode=require', { host })).outcome).toBe('TLS');
  });

  it('is refused without TLS where PostgreSQL wants it, and with another password, and tells no password', async () => {
    for (const query of ['', 'sslmode=disable']) expect((await tried(query)).outcome).toBe('store-login');
    const { outcome, said } = await tried('sslmode=require', { password: 'wr0ng' });
    expect(outcome).toBe('store-login');
    expect(said).toContain('password authentication failed');
    expect(said).not.toContain('wr0ng');
  });

  it('does not go on without TLS where PostgreSQL has none', async () => {
    await using plain = await RealPostgres.start({ port: await freePort(), settings: ['fsync=off'] });
    for (const mode of ['require', 'verify-full']) {
      const opened = openDatabase(`${plain.url()}?sslmode=${mode}`);
      await expect(opened).rejects.toMatchObject({ code: 'store-tls' });
    }
  }, 30_000);

  it('means by sslmode what psql does', () => {
    const programs = dirname(realpathSync(join(postgresPrograms ?? '', 'postgres')));
    const psql = (query: string) =>
      execFileSync(
        join(programs, 'psql'),
        [`postgres://relay:s3cret@localhost:${port}/postgres?${query}`, '-tAc', 'select 1'],
        {
          encoding: 'utf8',
          stdio: 'pipe',
          env: { ...process.env, HOME: authority.folder },
        },
      ).trim();
    expect(psql(`sslmode=verify-full&sslrootcert=${authority.path}`)).toBe('1');
    expect(psql('sslmode=require')).toBe('1');
    for (const query of [`sslmode=verify-full&sslrootcert=${other.path}`, `sslmode=require&sslrootcert=${other.path}`])
      expect(() => psql(query), query).toThrow(/certificate verify failed/);
    expect(() => psql('sslmode=verify-ca')).toThrow(/root certificate file/);
    expect(() => psql('sslmode=disable')).toThrow(/no encryption/);
  });
});
