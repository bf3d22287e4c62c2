import { RelayError, type DeviceId } from '@palmkey/envelope';
import { limits } from '../limits.ts';
import { exclusively, type Database } from './database.ts';

/** An invitation that is to be good from now on. */
export interface NewInvitation {
  /** SHA-256 of the grant, 32 bytes. */
  readonly grantHash: Uint8Array;
  /** The device that invites into its account; null: the operator, each device into an account of its own. */
  readonly createdBy: { readonly device: DeviceId; readonly account: Uint8Array } | null;
  /** How many devices it lets in, at least 1. */
  readonly uses: number;
  /** Ms since 1970 UTC, as all times here. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** An invitation as the store has it. */
export interface Invitation {
  readonly grantHash: Uint8Array;
  readonly createdBy: Uint8Array | null;
  readonly joins: Uint8Array | null;
  readonly usesLeft: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The invitations that are still good; `Registry` uses them. */
export class InvitationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws `RelayError`: `conflict` for a grant that is in use, `quota` where there are too many. */
  async add(invitation: NewInvitation): Promise<void> {
    const { grantHash, createdBy, uses, createdAt, expiresAt } = invitation;
    await exclusively(this.#database, 'admission', async (transaction) => {
      const good = transaction
        .selectFrom('invitations')
        .select((of) => of.fn.countAll<number>().as('invitations'))
        .where('expires_at', '>', createdAt);
      const all = await good.executeTakeFirstOrThrow();
      if (all.invitations >= limits.invitationsTotal) throw new RelayError('quota');
      if (createdBy) {
        const own = await good.where('joins', '=', createdBy.account).executeTakeFirstOrThrow();
        if (own.invitations >= limits.invitationsPerAccount) throw new RelayError('quota');
      }
      const added = await transaction
        .insertInto('invitations')
        .values({
          grant_hash: grantHash,
          created_by: createdBy?.device ?? null,
          joins: createdBy?.account ?? null,
          uses_left: uses,
          created_at: createdAt,
          expires_at: expiresAt,
        })
        .onConflict((conflict) => conflict.column('grant_hash').doNothing())
        .returning('grant_hash')
        .execute();
      if (added.length === 0) throw new RelayError('conflict');
    });
  }

  /** Those that are good at `now`, the oldest first. */
  async list(now: number): Promise<readonly Invitation[]> {
    const rows = await this.#database.db
      .selectFrom('invitations')
      .selectAll()
      .where('expires_at', '>', now)
      .orderBy('created_at')
      .orderBy('grant_hash')
      .execute();
    return rows.map((row) => ({
      grantHash: new Uint8Array(row.grant_hash),
      createdBy: row.created_by,
      joins: row.joins,
      usesLeft: row.uses_left,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    }));
  }

  /** Whether there was one to revoke. */
  async revoke(grantHash: Uint8Array): Promise<boolean> {
    const { db } = this.#database;
    const gone = await db.deleteFrom('invitations').where('grant_hash', '=', grantHash).executeTakeFirst();
    return gone.numDeletedRows > 0n;
  }

  /** Lets go of those that are over. */
  async sweep(now: number): Promise<void> {
    await this.#database.db.deleteFrom('invitations').where('expires_at', '<=', now).execute();
  }
}
