import { randomBytes } from 'node:crypto';
import { openDatabase, type Database } from '../store/database.ts';
import { postgresPrograms, RealPostgres } from './real-postgres.ts';

/** Stores of both kinds, each test's own, for suites that hold for either. */
export class TestStores implements AsyncDisposable {
  readonly dialect: Database['dialect'];
  #postgres: Promise<RealPostgres> | undefined;
  readonly #open = new Set<Database>();

  constructor(dialect: Database['dialect']) {
    this.dialect = dialect;
  }

  /** A new store; of a PostgreSQL that is started with the first. */
  async open(): Promise<Database> {
    return this.reopen(await this.where());
  }

  /** Where a new store would be: `:memory:`, or the URL of an empty database. */
  async where(): Promise<string> {
    if (this.dialect === 'sqlite') return ':memory:';
    this.#postgres ??= RealPostgres.start({ settings: ['fsync=off'] });
    return (await this.#postgres).createDatabase(`store_${randomBytes(8).toString('hex')}`);
  }

  /** A store at an address of {@link where}. */
  async reopen(where: string): Promise<Database> {
    const database = await openDatabase(where);
    this.#open.add(database);
    return database;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const database of this.#open) await database.close();
    await (await this.#postgres)?.[Symbol.asyncDispose]();
  }
}

/** The kinds of store that can be tested on this machine. */
export const testableDialects: readonly Database['dialect'][] =
  postgresPrograms === undefined ? ['sqlite'] : ['sqlite', 'postgres'];
