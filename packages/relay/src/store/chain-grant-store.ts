import { parseAccountId, RelayError, type AccountId, type DeviceId, type Grant } from '@palmkey/envelope';
import { createHash } from 'node:crypto';
import { limits } from '../limits.ts';
import { findStanding, isActiveMember } from './chain-store.ts';
import { exclusively, type Database } from './database.ts';

/** What a grant that a device has shown lets it do. */
export type GrantUse =
  /** It may join a chain, until then, ms since 1970 UTC. */
  | { readonly is: 'joining'; readonly chain: AccountId; readonly expiresAt: number }
  /** It was revoked from that chain: it never comes back. */
  | { readonly is: 'revoked' }
  /** Nothing: it is no such grant, is over, another device's, or the device is on the chain already. */
  | { readonly is: 'nothing' };

/** The grants by which new devices join chains (spec/relay.md, "Admission"). Everything rejects as the store does. */
export class ChainGrantStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Keeps a grant, by its SHA-256, from a member of a chain. Throws `RelayError`: `no-chain` for any other device,
   * `conflict` for a grant that is there, `quota` where there are too many.
   */
  async add(grantHash: Uint8Array, by: DeviceId, chain: AccountId, now: number): Promise<void> {
    await exclusively(this.#database, 'admission', async (transaction) => {
      const standing = await findStanding(transaction, chain, by);
      if (!standing || !isActiveMember(standing)) throw new RelayError('no-chain');
      const good = transaction
        .selectFrom('chain_grants')
        .select((of) => of.fn.countAll<number>().as('grants'))
        .where('expires_at', '>', now);
      const all = await good.executeTakeFirstOrThrow();
      const own = await good.where('chain', '=', chain).executeTakeFirstOrThrow();
      if (own.grants >= limits.chainGrantsPerChain || all.grants >= limits.chainGrantsTotal) {
        throw new RelayError('quota');
      }
      const expires_at = now + limits.chainGrantLifetimeMs;
      const added = await transaction
        .insertInto('chain_grants')
        .values({ grant_hash: grantHash, chain, created_by: by, device: null, expires_at })
        .onConflict((conflict) => conflict.column('grant_hash').doNothing())
        .returning('grant_hash')
        .execute();
      if (added.length === 0) throw new RelayError('conflict');
    });
  }

  /** A device shows a grant: the first one that does has it for itself, as often as it connects, until it has joined. */
  async use(grant: Grant, device: DeviceId, now: number): Promise<GrantUse> {
    const hash = new Uint8Array(createHash('sha256').update(grant).digest());
    const { db } = this.#database;
    const there = await db.selectFrom('chain_grants').select('chain').where('grant_hash', '=', hash).executeTakeFirst();
    if (!there) return { is: 'nothing' };
    const standing = await findStanding(db, there.chain, device);
    if (standing !== null) return { is: standing.revoked_by === null ? 'nothing' : 'revoked' };
    const used = await db
      .updateTable('chain_grants')
      .set({ device })
      .where('grant_hash', '=', hash)
      .where('expires_at', '>', now)
      .where((of) => of.or([of('device', 'is', null), of('device', '=', device)]))
      .returning(['chain', 'created_by', 'expires_at'])
      .executeTakeFirst();
    const by = used && (await findStanding(db, used.chain, used.created_by));
    if (!used || !by || !isActiveMember(by)) return { is: 'nothing' };
    return { is: 'joining', chain: parseAccountId(new Uint8Array(used.chain)), expiresAt: used.expires_at };
  }

  /** Lets go of those that are over. */
  async sweep(now: number): Promise<void> {
    await this.#database.db.deleteFrom('chain_grants').where('expires_at', '<=', now).execute();
  }
}
