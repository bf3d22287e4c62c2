/** What the store is asked and told when a device is let in: the part that every newcomer costs, put together once. */
import type { Kysely } from 'kysely';
import { prepare } from './prepared.ts';
import type { AdmittedVia, Schema } from './schema.ts';

interface ById {
  readonly id: Uint8Array;
}

interface ByAccount {
  readonly account: Uint8Array;
}

/** A device as it is put into the store: anew, or into another account than its own. */
interface NewDevice extends ById, ByAccount {
  readonly signingKey: Uint8Array;
  readonly agreementKey: Uint8Array;
  readonly now: number;
  readonly admittedBy: Uint8Array | null;
  readonly via: AdmittedVia;
}

export type EntryQueries = ReturnType<typeof prepareEntryQueries>;

/** Prepares them; they are run in a transaction of the same database. */
export function prepareEntryQueries(db: Kysely<Schema>) {
  return {
    find: prepare(db, findDevice),
    blockedAccount: prepare(db, blockedAccount),
    count: prepare(db, countDevices),
    countOfAccount: prepare(db, countDevicesOfAccount),
    begin: prepare(db, beginAccount),
    put: prepare(db, putDevice),
    chains: prepare(db, chainsOfDevice),
  };
}

/** A device with its account. */
export function findDevice(db: Kysely<Schema>, { id }: ById) {
  return db
    .selectFrom('devices')
    .innerJoin('accounts', 'accounts.id', 'devices.account')
    .select(['devices.id', 'devices.account', 'devices.admitted_via', 'devices.blocked_at'])
    .select('accounts.blocked_at as account_blocked_at')
    .where('devices.id', '=', id);
}

/** The account, if it is blocked. */
function blockedAccount(db: Kysely<Schema>, { account }: ByAccount) {
  return db.selectFrom('accounts').select('id').where('id', '=', account).where('blocked_at', 'is not', null);
}

function countDevices(db: Kysely<Schema>) {
  return db.selectFrom('devices').select((of) => of.fn.countAll<number>().as('devices'));
}

function countDevicesOfAccount(db: Kysely<Schema>, { account }: ByAccount) {
  return countDevices(db).where('account', '=', account);
}

/** The chains that the device is or was on, by the accounts that they belong to. */
function chainsOfDevice(db: Kysely<Schema>, { id }: ById) {
  return db
    .selectFrom('chain_devices')
    .innerJoin('chains', 'chains.id', 'chain_devices.chain')
    .select(['chains.account', 'chain_devices.revoked_by'])
    .where('chain_devices.device', '=', id);
}

/** One that is there stays as it is. */
function beginAccount(db: Kysely<Schema>, { account, now }: ByAccount & { readonly now: number }) {
  return db
    .insertInto('accounts')
    .values({ id: account, created_at: now, github_user: null, blocked_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing());
}

function putDevice(db: Kysely<Schema>, device: NewDevice) {
  const values = { account: device.account, admitted_by: device.admittedBy, admitted_via: device.via };
  return db
    .insertInto('devices')
    .values({
      ...values,
      id: device.id,
      signing_key: device.signingKey,
      agreement_key: device.agreementKey,
      created_at: device.now,
      seen_on: 0,
      blocked_at: null,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values));
}
