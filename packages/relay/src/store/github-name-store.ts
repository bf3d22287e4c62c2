import type { Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { GithubNameKind, Schema } from './schema.ts';

/**
 * Which account each name of the operator's list stood for when it was first met: GitHub lets people rename accounts and
 * organisations, and others take the names that become free. Names are lower case, as logins have no case.
 */
export class GithubNameStore {
  readonly #db: Kysely<Schema>;

  constructor({ db }: Pick<Database, 'db'>) {
    this.#db = db;
  }

  /** The number that a name stands for; `number`, from now on, where it was not met yet. Rejects as the store does. */
  async pin(kind: GithubNameKind, name: string, number: number, now: number): Promise<number> {
    await this.#db
      .insertInto('github_names')
      .values({ kind, name, number, pinned_at: now })
      .onConflict((conflict) => conflict.columns(['kind', 'name']).doNothing())
      .execute();
    const row = await this.#db
      .selectFrom('github_names')
      .select('number')
      .where('kind', '=', kind)
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return row.number;
  }

  /** The names that stand for a number. */
  async namesOf(kind: GithubNameKind, number: number): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom('github_names')
      .select('name')
      .where('kind', '=', kind)
      .where('number', '=', number)
      .execute();
    return rows.map(({ name }) => name);
  }

  /** Forgets every name of a kind that is not among these. */
  async keepOnly(kind: GithubNameKind, names: readonly string[]): Promise<void> {
    let query = this.#db.deleteFrom('github_names').where('kind', '=', kind);
    if (names.length > 0) query = query.where('name', 'not in', names);
    await query.execute();
  }
}
