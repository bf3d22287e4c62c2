import type { Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** Keys of the relay's own, made once and the same on every node. */
export class SecretStore {
  readonly #db: Kysely<Schema>;

  constructor({ db }: Pick<Database, 'db'>) {
    this.#db = db;
  }

  /** The secret of that name; `fresh`, from now on, where there was none. Rejects as the store does. */
  async keep(name: string, fresh: Uint8Array): Promise<Uint8Array> {
    await this.#db
      .insertInto('secrets')
      .values({ name, value: fresh })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const row = await this.#db.selectFrom('secrets').select('value').where('name', '=', name).executeTakeFirstOrThrow();
    return row.value;
  }
}
