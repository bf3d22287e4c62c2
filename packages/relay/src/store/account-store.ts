import { parseAccountId, parseDeviceId, RelayError, type AccountId, type DeviceId } from '@palmkey/envelope';
import type { Transaction } from 'kysely';
import { findChain, findStanding, isActiveMember } from './chain-store.ts';
import { exclusively, type Database } from './database.ts';
import { dayOf } from './device-store.ts';
import type { Forgotten, Member } from '../socket/order-ports.ts';
import { eraseDevices, eraseEmptyAccounts } from './erase.ts';
import type { AccountsTable, DevicesTable, Schema } from './schema.ts';

/** A device or an account, for the operator. */
export type Subject =
  { readonly kind: 'device'; readonly id: DeviceId } | { readonly kind: 'account'; readonly id: AccountId };

/** A device as it is listed. */
export interface ListedDevice extends Omit<DevicesTable, 'signing_key' | 'agreement_key'> {
  /** The device that has registered for push; null if it has not. */
  readonly push: Uint8Array | null;
}

/** An account as it is listed. */
export interface ListedAccount extends AccountsTable {
  readonly devices: number;
  /** The id of its chain, and how many links that has; null where it has none. */
  readonly chain: Uint8Array | null;
  readonly links: number | null;
}

/** Ends what was let in: by a device, by the operator, by time. What is returned is for the caller to disconnect. */
export class AccountStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Forgets a device that `by` let in, or `by` itself. One that the operator has blocked is nobody's. */
  async forget(id: DeviceId, by: DeviceId): Promise<Forgotten> {
    return exclusively(this.#database, ['rendezvous', 'admission'], async (transaction) => {
      const row = await transaction
        .selectFrom('devices')
        .select(['id', 'blocked_at'])
        .where('id', '=', id)
        .where((of) => of.or([of('admitted_by', '=', by), of('id', '=', by)]))
        .executeTakeFirst();
      if (row?.blocked_at === null) {
        const [gone] = await eraseDevices(transaction, [{ id }]);
        if (gone) return { is: 'forgotten', ...gone };
      }
      const other = await transaction.selectFrom('devices').select('id').where('id', '=', id).executeTakeFirst();
      return { is: other ? 'not-yours' : 'unknown' };
    });
  }

  /**
   * Forgets an account with its chain and its devices, but those that are blocked. Throws `RelayError` `conflict` if `by`
   * is not its founder, and where it has a chain, if `by` is not a member there.
   */
  async deleteOwn(account: AccountId, by: DeviceId): Promise<readonly Member[]> {
    return exclusively(this.#database, ['rendezvous', 'admission'], async (transaction) => {
      const chain = await findChain(transaction, 'account', account);
      const standing = chain && (await findStanding(transaction, chain.id, by));
      const may = chain ? standing !== null && isActiveMember(standing) : Buffer.compare(account, by) === 0;
      if (!may) throw new RelayError('conflict');
      return eraseAccount(transaction, account);
    });
  }

  /** Forgets a device, or an account with all its devices, blocked or not. Null where there is none. */
  async remove(subject: Subject): Promise<readonly Member[] | null> {
    return exclusively(this.#database, ['rendezvous', 'admission'], async (transaction) => {
      if (!(await exists(transaction, subject))) return null;
      await setBlocked(transaction, subject, null);
      if (subject.kind === 'account') {
        await transaction.updateTable('devices').set({ blocked_at: null }).where('account', '=', subject.id).execute();
        return eraseAccount(transaction, subject.id);
      }
      return eraseDevices(transaction, [subject]);
    });
  }

  /** Blocks at that time, or with null no more. Returns the devices that it concerns; null where there is none such. */
  async block(subject: Subject, at: number | null): Promise<readonly Member[] | null> {
    return exclusively(this.#database, 'admission', async (transaction) => {
      if (!(await exists(transaction, subject))) return null;
      await setBlocked(transaction, subject, at);
      const rows = await transaction
        .selectFrom('devices')
        .select(['id', 'account'])
        .where(subject.kind === 'device' ? 'id' : 'account', '=', subject.id)
        .execute();
      return rows.map((row) => ({
        device: parseDeviceId(new Uint8Array(row.id)),
        account: parseAccountId(new Uint8Array(row.account)),
      }));
    });
  }

  /** By age, at most `limit`. */
  async listAccounts(limit: number): Promise<readonly ListedAccount[]> {
    return this.#database.db
      .selectFrom('accounts')
      .leftJoin('devices', 'devices.account', 'accounts.id')
      .leftJoin('chains', 'chains.account', 'accounts.id')
      .select(['chains.id as chain', 'chains.head_seqno as links'])
      .select(['accounts.id', 'accounts.created_at', 'accounts.github_user', 'accounts.blocked_at'])
      .select((of) => of.fn.count<number>('devices.id').as('devices'))
      .groupBy(['accounts.id', 'accounts.created_at', 'accounts.github_user', 'accounts.blocked_at'])
      .groupBy(['chains.id', 'chains.head_seqno'])
      .orderBy('accounts.created_at')
      .orderBy('accounts.id')
      .limit(limit)
      .execute();
  }

  /** By age, at most `limit`; all, or those of one account. */
  async listDevices(limit: number, account?: AccountId): Promise<readonly ListedDevice[]> {
    const all = this.#database.db
      .selectFrom('devices')
      .leftJoin('push_registrations', 'push_registrations.device', 'devices.id')
      .select(['devices.id', 'devices.account', 'devices.admitted_by', 'devices.admitted_via', 'devices.seen_on'])
      .select(['devices.created_at', 'devices.blocked_at', 'push_registrations.device as push'])
      .orderBy('devices.created_at')
      .orderBy('devices.id')
      .limit(limit);
    return (account ? all.where('devices.account', '=', account) : all).execute();
  }

  /**
   * Forgets the devices that were last connected, or let in, more than so many days ago: not those that the operator
   * let in, nor those that are blocked, nor one that is active on a chain (the recovery words may never connect) as long
   * as another of its account is not due. Returns them.
   */
  async sweep(now: number, retentionDays: number): Promise<readonly Member[]> {
    const before = dayOf(now) - retentionDays;
    const due = this.#database.db
      .selectFrom('devices')
      .select('id')
      .where('seen_on', '<', before)
      .where('created_at', '<', before * 86_400_000)
      .where('admitted_via', '!=', 'operator')
      .where('blocked_at', 'is', null)
      .where((of) =>
        of.not(
          of.exists(
            of
              .selectFrom('chain_devices')
              .innerJoin('devices as others', (join) => join.onRef('others.account', '=', 'devices.account'))
              .select('others.id')
              .whereRef('chain_devices.device', '=', 'devices.id')
              .where('chain_devices.revoked_by', 'is', null)
              .where((each) =>
                each.or([each('others.seen_on', '>=', before), each('others.created_at', '>=', before * 86_400_000)]),
              ),
          ),
        ),
      )
      .limit(1_000);
    if ((await due.execute()).length === 0) return [];
    return exclusively(this.#database, ['rendezvous', 'admission'], async (transaction) => {
      const { rows } = await transaction.executeQuery(due);
      return eraseDevices(transaction, rows);
    });
  }
}

async function eraseAccount(transaction: Transaction<Schema>, account: AccountId): Promise<readonly Member[]> {
  const rows = await transaction
    .selectFrom('devices')
    .select('id')
    .where('account', '=', account)
    .where('blocked_at', 'is', null)
    .execute();
  const erased = await eraseDevices(transaction, rows);
  await eraseEmptyAccounts(transaction, [account]);
  return erased;
}

async function exists(transaction: Transaction<Schema>, { kind, id }: Subject): Promise<boolean> {
  const table = kind === 'device' ? 'devices' : 'accounts';
  return (await transaction.selectFrom(table).select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

async function setBlocked(transaction: Transaction<Schema>, { kind, id }: Subject, at: number | null): Promise<void> {
  const table = kind === 'device' ? 'devices' : 'accounts';
  await transaction.updateTable(table).set({ blocked_at: at }).where('id', '=', id).execute();
}
