import { SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely';

/** The one place that loads SQLite: built into Node from 22.13, else a package with the same interface. */
type SqliteModule = typeof import('@photostructure/sqlite');

/** Opens (or makes) the database and speaks kysely's dialect over it. `path` may be `:memory:`. */
export async function sqliteDialect(path: string): Promise<SqliteDialect> {
  return new SqliteDialect({ database: await openSqlite(path) });
}

/** The database itself, by the interface that kysely asks for. */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  const { DatabaseSync } = await loadSqlite();
  const database = new DatabaseSync(path);
  // WAL lets a backup read while the relay writes; FULL keeps an admission through a power cut.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
  return asKyselyDatabase(database);
}

/** Opens a database that is there to read it, and leaves it as it is. */
export async function sqliteReader(path: string): Promise<SqliteDialect> {
  const { DatabaseSync } = await loadSqlite();
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec('PRAGMA busy_timeout = 5000;');
  return new SqliteDialect({ database: asKyselyDatabase(database) });
}

async function loadSqlite(): Promise<SqliteModule> {
  const builtIn = process.getBuiltinModule('node:sqlite') as SqliteModule | undefined;
  // Node 22.13 to 22.15 have the module without `columns()`, by which a query with rows is told from one without.
  if (builtIn && 'columns' in builtIn.StatementSync.prototype) return builtIn;
  return import('@photostructure/sqlite');
}

/** Kysely asks for better-sqlite3's interface, which differs in `reader` and in how parameters are passed. */
function asKyselyDatabase(database: InstanceType<SqliteModule['DatabaseSync']>): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => {
      prepared.clear();
      database.close();
    },
    prepare: (sql) => {
      let statement = prepared.get(sql);
      if (!statement) {
        if (prepared.size === MAX_PREPARED) prepared.clear();
        statement = asKyselyStatement(database, sql);
        prepared.set(sql, statement);
      }
      return statement;
    },
  };
}

function asKyselyStatement(database: InstanceType<SqliteModule['DatabaseSync']>, sql: string): SqliteStatement {
  // Every transaction of ours writes. One that takes the lock only when it does may find that another has written.
  const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
  return {
    reader: statement.columns().length > 0,
    all: (parameters): unknown[] => statement.all(...(parameters as never[])),
    run: (parameters) => statement.run(...(parameters as never[])),
    iterate: (parameters) => statement.iterate(...(parameters as never[])),
  };
}

/** Statements that are kept: those of a relay are fewer, but for lists of ids, of each length one. */
const MAX_PREPARED = 256;
