import {
  equal,
  parseAccountId,
  type AccountId,
  type AgreementPublicKey,
  type DeviceId,
  type Grant,
  type RelayErrorCode,
  type SigningPublicKey,
} from '@palmkey/envelope';
import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { limits } from '../limits.ts';
import { exclusively, type Database } from './database.ts';
import { findDevice, prepareEntryQueries, type EntryQueries } from './entry-queries.ts';
import { eraseEmptyAccounts } from './erase.ts';
import type { AdmittedVia, Schema } from './schema.ts';

/** A device by its keys. */
export interface DeviceKeys {
  readonly id: DeviceId;
  readonly signingKey: SigningPublicKey;
  readonly agreementKey: AgreementPublicKey;
}

/** What came of letting a device in. */
export type LetIn =
  | { readonly is: 'admitted'; readonly account: AccountId }
  | {
      readonly is: 'refused';
      readonly code: Extract<RelayErrorCode, 'not-admitted' | 'blocked' | 'quota' | 'removed'>;
    };

/** Into what a device is let, and by whom. */
interface Entry {
  readonly account: Uint8Array;
  readonly admittedBy: Uint8Array | null;
  readonly via: AdmittedVia;
  readonly githubUser?: number;
}

interface RegistryOptions {
  readonly maxDevices: number;
  /** An account has other devices than it had. */
  readonly onAccountChanged: (account: AccountId) => void;
}

/** Lets devices in, one at a time on all nodes together, so that no limit and no grant is used twice. */
export class Registry {
  readonly #database: Database;
  readonly #maxDevices: number;
  readonly #onAccountChanged: (account: AccountId) => void;
  readonly #queries: EntryQueries;

  constructor(database: Database, { maxDevices, onAccountChanged }: RegistryOptions) {
    this.#database = database;
    this.#queries = prepareEntryQueries(database.db);
    this.#maxDevices = maxDevices;
    this.#onAccountChanged = onAccountChanged;
  }

  /** Lets a device in by the operator's word. One that is known stays in its account, from now on permanently. */
  async admitByOperator(device: DeviceKeys, now: number): Promise<LetIn> {
    return this.#admit(async (transaction) => {
      const [known] = (await this.#queries.find.run(transaction, { id: device.id })).rows;
      if (!known) return this.#enter(transaction, device, ownAccount(device, 'operator'), now);
      await transaction
        .updateTable('devices')
        .set({ admitted_by: null, admitted_via: 'operator' })
        .where('id', '=', device.id)
        .execute();
      return { is: 'admitted', account: parseAccountId(new Uint8Array(known.account)) };
    });
  }

  /** Lets in a device because this relay is open, into an account of its own. */
  async admitOpen(device: DeviceKeys, now: number): Promise<LetIn> {
    return this.#admit((transaction) => this.#enter(transaction, device, ownAccount(device, 'open'), now));
  }

  /** Lets in a device by the grant that it shows, which is used up by it: of a rendezvous, or of an invitation. */
  async admitByGrant(device: DeviceKeys, grant: Grant, now: number): Promise<LetIn> {
    return this.#admit(async (transaction) => {
      const entry =
        (await useRendezvous(transaction, grant, device.id, now)) ??
        (await useInvitation(transaction, grant, device, now));
      return entry ? this.#enter(transaction, device, entry, now) : { is: 'refused', code: 'not-admitted' };
    });
  }

  /** Lets in a device for a person whom GitHub has named by number, into that person's account. */
  async admitByGithub(device: DeviceKeys, user: number, now: number): Promise<LetIn> {
    return this.#admit(async (transaction) => {
      const account = await transaction
        .selectFrom('accounts')
        .select(['id', 'blocked_at'])
        .where('github_user', '=', user)
        .executeTakeFirst();
      if (account && account.blocked_at !== null) return { is: 'refused', code: 'blocked' };
      const entry: Entry = account
        ? { account: account.id, admittedBy: null, via: 'github' }
        : { ...ownAccount(device, 'github'), githubUser: user };
      return this.#enter(transaction, device, entry, now);
    });
  }

  /** What was used up on the way to a refusal is not. */
  async #admit(attempt: (transaction: Transaction<Schema>) => Promise<LetIn>): Promise<LetIn> {
    try {
      const outcome = await exclusively(this.#database, 'admission', async (transaction) => {
        const attempted = await attempt(transaction);
        if (attempted.is === 'refused') throw new Refused(attempted);
        return attempted;
      });
      this.#onAccountChanged(outcome.account);
      return outcome;
    } catch (error) {
      if (error instanceof Refused) return error.outcome;
      throw error;
    }
  }

  async #enter(transaction: Transaction<Schema>, device: DeviceKeys, wanted: Entry, now: number): Promise<LetIn> {
    const { find, blockedAccount, count, countOfAccount, begin, put, chains } = this.#queries;
    const [known] = (await find.run(transaction, { id: device.id })).rows;
    if (known && (known.blocked_at !== null || known.account_blocked_at !== null)) {
      return { is: 'refused', code: 'blocked' };
    }
    if (known && !givesWay(known.admitted_via, wanted.via)) {
      return { is: 'admitted', account: parseAccountId(new Uint8Array(known.account)) };
    }
    const entry = entryByChain(wanted, (await chains.run(transaction, { id: device.id })).rows);
    if (entry === null) return { is: 'refused', code: 'removed' };
    const { account } = entry;
    if ((await blockedAccount.run(transaction, { account })).rows.length > 0) return { is: 'refused', code: 'blocked' };
    const [all] = known ? [] : (await count.run(transaction, {})).rows;
    if (all && all.devices >= this.#maxDevices) return { is: 'refused', code: 'quota' };
    const [others] = (await countOfAccount.run(transaction, { account })).rows;
    const most = entry.via === 'chain' ? limits.devicesPerChainAccount : limits.devicesPerAccount;
    if (others && others.devices >= most) return { is: 'refused', code: 'quota' };
    await begin.run(transaction, { account, now });
    if (entry.githubUser !== undefined) await nameAccount(transaction, account, entry.githubUser);
    await put.run(transaction, {
      id: device.id,
      account,
      signingKey: device.signingKey,
      agreementKey: device.agreementKey,
      now,
      admittedBy: entry.admittedBy,
      via: entry.via,
    });
    if (known) await eraseEmptyAccounts(transaction, [known.account]);
    return { is: 'admitted', account: parseAccountId(new Uint8Array(account)) };
  }
}

class Refused extends Error {
  readonly outcome: LetIn;

  constructor(outcome: LetIn) {
    super('refused');
    this.outcome = outcome;
  }
}

function ownAccount(device: DeviceKeys, via: AdmittedVia): Entry {
  return { account: device.id, admittedBy: null, via };
}

/**
 * A device that is active on a chain belongs to that chain's account, whatever lets it in; null for one that was revoked
 * from the chain of the account that it would come into: it never comes back there (spec/account.md).
 */
function entryByChain(
  wanted: Entry,
  chains: readonly { readonly account: Uint8Array; readonly revoked_by: number | null }[],
): Entry | null {
  const active = chains.find((chain) => chain.revoked_by === null);
  if (active) return { account: active.account, admittedBy: null, via: wanted.via === 'open' ? 'open' : 'chain' };
  return chains.some(({ account }) => equal(account, wanted.account)) ? null : wanted;
}

/** Whether an admission is replaced by another: one that is for good stays as it is, in its account. */
function givesWay(former: AdmittedVia, to: AdmittedVia): boolean {
  return former === 'open-rendezvous' || (former === 'open' && to !== 'open');
}

/** Whom a device lets in that nothing but an open relay let in is known no longer than itself. */
function viaOf(letInBy: { readonly admitted_via: AdmittedVia }, via: AdmittedVia): AdmittedVia {
  return letInBy.admitted_via === 'open' ? 'open' : via;
}

async function useRendezvous(
  transaction: Transaction<Schema>,
  grant: Grant,
  device: DeviceId,
  now: number,
): Promise<Entry | null> {
  const used = await transaction
    .updateTable('rendezvous')
    .set({ admitted: device })
    .where('id', '=', grant)
    .where('admitted', 'is', null)
    .where('nameplate', 'is', null)
    .where('expires_at', '>', now)
    .returning('opened_by')
    .executeTakeFirst();
  const opener = used && (await findGood(transaction, used.opened_by));
  return opener ? { account: opener.account, admittedBy: opener.id, via: 'open-rendezvous' } : null;
}

async function useInvitation(
  transaction: Transaction<Schema>,
  grant: Grant,
  device: DeviceKeys,
  now: number,
): Promise<Entry | null> {
  const hash = new Uint8Array(createHash('sha256').update(grant).digest());
  const invitation = await transaction
    .updateTable('invitations')
    .set((of) => ({ uses_left: of('uses_left', '-', 1) }))
    .where('grant_hash', '=', hash)
    .where('uses_left', '>', 0)
    .where('expires_at', '>', now)
    .returning(['created_by', 'joins'])
    .executeTakeFirst();
  if (!invitation) return null;
  await transaction.deleteFrom('invitations').where('grant_hash', '=', hash).where('uses_left', '=', 0).execute();
  const { created_by: inviter, joins } = invitation;
  if (inviter === null) return { ...ownAccount(device, 'invitation'), ...(joins && { account: joins }) };
  const known = await findGood(transaction, inviter);
  return known ? { account: known.account, admittedBy: known.id, via: viaOf(known, 'invitation') } : null;
}

/** A device that may let others in. */
async function findGood(transaction: Transaction<Schema>, id: Uint8Array) {
  const known = await findDevice(transaction, { id }).executeTakeFirst();
  return known?.blocked_at === null && known.account_blocked_at === null ? known : null;
}

async function nameAccount(transaction: Transaction<Schema>, account: Uint8Array, githubUser: number): Promise<void> {
  await transaction.updateTable('accounts').set({ github_user: githubUser }).where('id', '=', account).execute();
}
