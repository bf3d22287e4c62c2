import { PostgresDialect } from 'kysely';
/**
 * Speaks kysely's dialect to the PostgreSQL at `url`. Nothing is dialled before the first query. Throws
 * {@link RelayStartError} `bad-store` as {@link postgresPlace} does.
 */
export declare function postgresDialect(url: string): PostgresDialect;
