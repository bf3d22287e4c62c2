import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely';
import type { Database } from '../store/database.ts';
import type { Schema } from '../store/schema.ts';
import { openSqlite } from '../store/sqlite.ts';

/** A store whose process dies at one of its statements. */
export interface DyingStore {
  readonly database: Database;
  /** Statements are counted from here on. */
  arm(): void;
  /** How many there have been since. */
  statements(): number;
}

/**
 * Opens a SQLite store with the named fault that its process kills itself (SIGKILL) at the statement of that number,
 * `none` for never, before the store hears of it or after it has done it.
 */
export async function openDying(store: string, statement: string, when: string): Promise<DyingStore> {
  const killAt = statement === 'none' ? Infinity : Number(statement);
  let statements = -Infinity;
  const at = (moment: string): void => {
    if (statements === killAt && when === moment) process.kill(process.pid, 'SIGKILL');
  };
  const watched = <T>(run: () => T): T => {
    statements++;
    at('before');
    const result = run();
    at('after');
    return result;
  };
  const sqlite = await openSqlite(store);
  const dying: SqliteDatabase = {
    close: () => {
      sqlite.close();
    },
    prepare: (sql) => {
      const prepared = sqlite.prepare(sql);
      return {
        reader: prepared.reader,
        all: (parameters) => watched(() => prepared.all(parameters)),
        run: (parameters) => watched(() => prepared.run(parameters)),
        iterate: (parameters) => prepared.iterate(parameters),
      };
    },
  };
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: dying }) });
  return {
    database: { db, dialect: 'sqlite', close: () => db.destroy() },
    arm: () => (statements = 0),
    statements: () => statements,
  };
}
