import { SqliteDialect, type SqliteDatabase } from 'kysely';
/** Opens (or makes) the database and speaks kysely's dialect over it. `path` may be `:memory:`. */
export declare function sqliteDialect(path: string): Promise<SqliteDialect>;
/** The database itself, by the interface that kysely asks for. */
export declare function openSqlite(path: string): Promise<SqliteDatabase>;
/** Opens a database that is there to read it, and leaves it as it is. */
export declare function sqliteReader(path: string): Promise<SqliteDialect>;
