import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { CertificateFiles } from './certificates.ts';

/** Where Debian keeps PostgreSQL's programs, which are on nobody's path there. */
const DEBIAN = '/usr/lib/postgresql';

/** How long it may take to recover from a crash: its files are written to the disk first, one by one. */
const READY_WITHIN_MS = 60_000;
/** How much of what it says is kept, for the error of a start that fails. */
const KEPT_CHARACTERS = 16 * 1024;

/** The folder of PostgreSQL's own programs, or undefined on a machine without them. */
export const postgresPrograms: string | undefined = [
  ...(process.env.PATH ?? '').split(':'),
  ...(existsSync(DEBIAN) ? readdirSync(DEBIAN).sort().reverse() : []).map((version) => join(DEBIAN, version, 'bin')),
].find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));

/** How {@link RealPostgres.start} starts it. */
export interface RealPostgresOptions {
  /** The port at 127.0.0.1. Left out, it listens at a Unix socket in its folder alone. */
  readonly port?: number;
  /** Settings as `name=value`, such as `fsync=off` where no test is about power cuts. */
  readonly settings?: readonly string[];
  /** Switches TLS on. */
  readonly tls?: CertificateFiles;
  /** The lines of its `pg_hba.conf`, in place of those that trust everybody. */
  readonly access?: readonly string[];
}

/** A PostgreSQL of a test's own, in a folder of its own, which can be stopped, killed and started again. */
export class RealPostgres implements AsyncDisposable {
  readonly #folder: string;
  readonly #options: RealPostgresOptions;
  #server: ChildProcess | undefined;

  private constructor(folder: string, options: RealPostgresOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Makes a cluster and starts it. Throws where PostgreSQL is not installed. */
  static async start(options: RealPostgresOptions = {}): Promise<RealPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'palmkey-postgres-'));
    const owner = whoRunsIt();
    if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid ?? owner.uid);
    const postgres = new RealPostgres(folder, options);
    execFileSync(
      program('initdb'),
      ['-D', join(folder, 'data'), '-U', 'palmkey', '-A', 'trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
      { ...owner, cwd: folder, stdio: 'pipe' },
    );
    postgres.#arrange(owner);
    await postgres.run();
    return postgres;
  }

  /** The URL of one of its databases. */
  url(database = 'postgres'): string {
    const { port } = this.#options;
    return port === undefined
      ? `postgres://palmkey@localhost/${database}?host=${encodeURIComponent(this.#folder)}`
      : `postgres://palmkey@127.0.0.1:${port}/${database}`;
  }

  /** Makes an empty database; returns its URL. */
  async createDatabase(name: string): Promise<string> {
    const client = new pg.Client({ connectionString: this.url() });
    await client.connect();
    try {
      await client.query(`create database ${client.escapeIdentifier(name)}`);
    } finally {
      await client.end();
    }
    return this.url(name);
  }

  /** Starts it again after {@link stop}; resolves when it takes connections. Rejects, and ends it, if that takes a minute. */
  async run(): Promise<void> {
    const { port, settings = [] } = this.#options;
    const secure = this.#options.tls === undefined ? [] : ['ssl=on'];
    const listen = port === undefined ? ['listen_addresses='] : ['listen_addresses=127.0.0.1', `port=${port}`];
    const args = [...listen, ...secure, ...settings].flatMap((setting) => ['-c', setting]);
    const server = spawn(program('postgres'), ['-D', join(this.#folder, 'data'), '-k', this.#folder, ...args], {
      ...whoRunsIt(),
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    });
    this.#server = server;
    try {
      await ready(server);
    } catch (error) {
      await this.stop('SIGQUIT');
      throw error;
    }
  }

  /** Ends it: `SIGINT` cuts its connections off and shuts down cleanly, `SIGQUIT` is a crash. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  #arrange({ uid, gid = uid }: { uid?: number; gid?: number }): void {
    const { tls, access } = this.#options;
    const at = (name: string): string => join(this.#folder, 'data', name);
    if (access !== undefined) writeFileSync(at('pg_hba.conf'), `${access.join('\n')}\n`);
    if (tls === undefined) return;
    for (const [from, to] of [
      [tls.certificate, at('server.crt')],
      [tls.key, at('server.key')],
    ] as const) {
      copyFileSync(from, to);
      // It takes no key that others could read.
      chmodSync(to, 0o600);
      if (uid !== undefined && gid !== undefined) chownSync(to, uid, gid);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Resolves when a server says so; rejects with the last that it said if it ends instead, or says nothing of it in time. */
async function ready(server: ChildProcess): Promise<void> {
  // Only the end: whoever dials while it recovers is turned away with a line, and those may be many.
  let said = '';
  let cancel: () => void = () => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      server.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-KEPT_CHARACTERS);
        if (said.includes('ready to accept connections')) resolve();
      });
      server.once('error', reject);
      server.once('exit', () => reject(new Error(`PostgreSQL ended: ${said}`)));
      const timer = setTimeout(() => reject(new Error(`PostgreSQL takes no connections: ${said}`)), READY_WITHIN_MS);
      cancel = () => clearTimeout(timer);
    });
  } finally {
    cancel();
  }
}

/** PostgreSQL refuses to run as root; Debian has an account for it. */
function whoRunsIt(): { uid?: number; gid?: number } {
  if (userInfo().uid !== 0) return {};
  const idOf = (option: string): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function program(name: string): string {
  if (postgresPrograms === undefined) throw new Error('PostgreSQL is not installed');
  return join(postgresPrograms, name);
}
