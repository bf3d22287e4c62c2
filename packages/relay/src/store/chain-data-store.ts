import {
  ascii,
  RelayError,
  type AccountId,
  type AccountRecord,
  type ChainBoxes,
  type DeviceId,
} from '@palmkey/envelope';
import type { Kysely } from 'kysely';
import { limits } from '../limits.ts';
import { exclusively, type Database } from './database.ts';
import type { Schema } from './schema.ts';

/** How many records are read at once. */
const RECORDS = 64;

/** What members keep beside their chain: boxes of the per-user key, previous seeds, account data. Rejects as the store does. */
export class ChainDataStore {
  readonly #database: Database;
  readonly #db: Kysely<Schema>;

  constructor(database: Database) {
    this.#database = database;
    this.#db = database.db;
  }

  /** A device's own box, if it has one, and previous seeds from `generation` downwards, 0 for the latest. */
  async boxes(chain: AccountId, device: DeviceId, generation: number): Promise<ChainBoxes> {
    const own = await this.#db
      .selectFrom('chain_boxes')
      .select('box')
      .where('chain', '=', chain)
      .where('receiver', '=', device)
      .executeTakeFirst();
    const all = this.#db
      .selectFrom('chain_seeds')
      .select('seed')
      .where('chain', '=', chain)
      .orderBy('generation', 'desc')
      .limit(limits.seedsPerAnswer);
    const rows = await (generation === 0 ? all : all.where('generation', '<=', generation)).execute();
    return { box: own ? new Uint8Array(own.box) : null, seeds: rows.map((row) => new Uint8Array(row.seed)) };
  }

  /** Records after a name, in the order of their names, some at a time; none where there are no more. */
  async records(chain: AccountId, after: string): Promise<readonly AccountRecord[]> {
    const rows = await this.#db
      .selectFrom('chain_records')
      .select(['name', 'revision', 'record'])
      .where('chain', '=', chain)
      .where('name', '>', ascii(after))
      .orderBy('name')
      .limit(RECORDS)
      .execute();
    return rows.map(({ name, revision, record }) => ({
      name: Buffer.from(name).toString('latin1'),
      revision,
      bytes: new Uint8Array(record),
    }));
  }

  /**
   * Writes a record in the place of its former revision, 0 for none. Throws `RelayError`: `conflict` where the record has
   * another revision, `quota` where there are too many.
   */
  async write(chain: AccountId, { name, revision, bytes }: AccountRecord): Promise<void> {
    const key = ascii(name);
    if (revision > 0) {
      const written = await this.#db
        .updateTable('chain_records')
        .set({ revision: revision + 1, record: bytes })
        .where('chain', '=', chain)
        .where('name', '=', key)
        .where('revision', '=', revision)
        .returning('name')
        .execute();
      if (written.length === 0) throw new RelayError('conflict');
      return;
    }
    await exclusively(this.#database, 'admission', async (transaction) => {
      const known = await transaction.selectFrom('chains').select('id').where('id', '=', chain).executeTakeFirst();
      if (!known) throw new RelayError('no-chain');
      const own = await transaction
        .selectFrom('chain_records')
        .select((of) => of.fn.countAll<number>().as('records'))
        .where('chain', '=', chain)
        .executeTakeFirstOrThrow();
      if (own.records >= limits.recordsPerChain) throw new RelayError('quota');
      const added = await transaction
        .insertInto('chain_records')
        .values({ chain, name: key, revision: 1, record: bytes })
        .onConflict((conflict) => conflict.columns(['chain', 'name']).doNothing())
        .returning('name')
        .execute();
      if (added.length === 0) throw new RelayError('conflict');
    });
  }
}
