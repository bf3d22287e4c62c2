import {
  ascii,
  RelayError,
  type AccountId,
  type AccountRecord,
  type AccountRecords,
  type ChainBoxes,
  type DeviceId,
} from '@palmkey/envelope';
import type { Kysely } from 'kysely';
import { limits } from '../limits.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** How many records are read at once. */
const RECORDS = 64;

/** What members keep beside their chain: boxes of the per-user key, previous seeds, account data. Rejects as the store does. */
export class ChainDataStore {
  readonly #db: Kysely<Schema>;

  constructor(database: Database) {
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

  /** Records of a later revision than this, by rising revision, some at a time; none where there are no more. */
  async records(chain: AccountId, after: number): Promise<AccountRecords> {
    const [known, rows] = await Promise.all([
      this.#db.selectFrom('chains').select('records_revision').where('id', '=', chain).executeTakeFirst(),
      this.#db
        .selectFrom('chain_records')
        .select(['name', 'revision', 'record'])
        .where('chain', '=', chain)
        .where('revision', '>', after)
        .orderBy('revision')
        .limit(RECORDS)
        .execute(),
    ]);
    const records = rows.map(({ name, revision, record }) => ({
      name: Buffer.from(name).toString('latin1'),
      revision,
      bytes: new Uint8Array(record),
    }));
    // The two were not read at one moment.
    return { latest: Math.max(known?.records_revision ?? 0, records.at(-1)?.revision ?? 0), records };
  }

  /**
   * Writes a record in the place of its former revision, 0 for none; the revision that it has then. One of no bytes is
   * taken away: null. Throws `RelayError`: `conflict` where the record has another revision, `quota` where there are too
   * many, `no-chain`.
   */
  async write(chain: AccountId, record: AccountRecord): Promise<number | null> {
    const key = ascii(record.name);
    return this.#db.transaction().execute(async (transaction) => {
      // One who writes holds the chain's row, so that revisions become visible in their order.
      const counted = await transaction
        .updateTable('chains')
        .set((of) => ({ records_revision: of('records_revision', '+', record.bytes.length > 0 ? 1 : 0) }))
        .where('id', '=', chain)
        .returning('records_revision')
        .executeTakeFirst();
      if (!counted) throw new RelayError('no-chain');
      if (record.bytes.length === 0) {
        const gone = await transaction
          .deleteFrom('chain_records')
          .where('chain', '=', chain)
          .where('name', '=', key)
          .where('revision', '=', record.revision)
          .returning('name')
          .executeTakeFirst();
        if (!gone) throw new RelayError('conflict');
        return null;
      }
      const revision = counted.records_revision;
      if (record.revision > 0) {
        const written = await transaction
          .updateTable('chain_records')
          .set({ revision, record: record.bytes })
          .where('chain', '=', chain)
          .where('name', '=', key)
          .where('revision', '=', record.revision)
          .returning('name')
          .executeTakeFirst();
        if (!written) throw new RelayError('conflict');
        return revision;
      }
      const there = await transaction
        .selectFrom('chain_records')
        .select((of) => of.fn.countAll<number>().as('records'))
        .where('chain', '=', chain)
        .executeTakeFirstOrThrow();
      if (there.records >= limits.recordsPerChain) throw new RelayError('quota');
      const added = await transaction
        .insertInto('chain_records')
        .values({ chain, name: key, revision, record: record.bytes })
        .onConflict((conflict) => conflict.columns(['chain', 'name']).doNothing())
        .returning('name')
        .executeTakeFirst();
      if (!added) throw new RelayError('conflict');
      return revision;
    });
  }
}
