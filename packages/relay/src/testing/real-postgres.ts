import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** Where Debian keeps PostgreSQL's programs, which are on nobody's path there. */
const DEBIAN = '/usr/lib/postgresql';

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

  /** Starts it again after {@link stop}; resolves when it takes connections. */
  async run(): Promise<void> {
    const { port, settings = [] } = this.#options;
    const listen = port === undefined ? ['listen_addresses='] : ['listen_addresses=127.0.0.1', `port=${port}`];
    const args = [...listen, ...settings].flatMap((setting) => ['-c', setting]);
    const server = spawn(program('postgres'), ['-D', join(this.#folder, 'data'), '-k', this.#folder, ...args], {
      ...whoRunsIt(),
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    });
    this.#server = server;
    await ready(server);
  }

  /** Ends it: `SIGINT` cuts its connections off and shuts down cleanly, `SIGQUIT` is a crash. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server?.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Resolves when a server says so; rejects with what it said if it ends instead. */
async function ready(server: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 64 * 1024) said += text;
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => {
      reject(new Error(`PostgreSQL ended: ${said}`));
    });
  });
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
