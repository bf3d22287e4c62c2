import type { Compilable, Kysely, QueryResult } from 'kysely';
import type { Schema } from './schema.ts';
/** A query whose values are given when it is run, on its database or in a transaction there. */
export interface Prepared<Values, Row> {
    run(on: Kysely<Schema>, values: Values): Promise<QueryResult<Row>>;
}
/**
 * Puts a query together once: that takes more time and memory than running it, and a thousand devices may sign in at
 * once. `build` gets of each value only what stands for it, and may do no more with it than hand it on.
 */
export declare function prepare<Values extends object, Row>(db: Kysely<Schema>, build: (db: Kysely<Schema>, values: Values) => Compilable<Row>): Prepared<Values, Row>;
