import type { ChainDevice } from '@palmkey/chain';
import { equal, parseAccountId, RelayError, type AccountId, type DeviceId } from '@palmkey/envelope';
import type { Transaction } from 'kysely';
import { limits } from '../limits.ts';
import type { Member } from '../socket/order-ports.ts';
import { eraseEmptyAccounts } from './erase.ts';
import type { Schema } from './schema.ts';

/** Devices that a chain adds, and into which of the relay's accounts. */
interface Entry {
  readonly devices: readonly ChainDevice[];
  /** The one of them that begins the chain, and is of the account already; null where the chain is there. */
  readonly founder: DeviceId | null;
  readonly chain: AccountId;
  readonly account: AccountId;
  readonly via: 'open' | 'chain';
  /** Ms since 1970 UTC. */
  readonly now: number;
  /** How many the relay knows at most. */
  readonly maxDevices: number;
  /** The first link of the post. */
  readonly seqno: number;
}

/** What letting them in has changed. */
export interface Entered {
  /** Those that were of another account, and of which. */
  readonly moved: readonly Member[];
}

/**
 * Lets in the devices that a chain adds, also those that the relay knew under another account: they leave it, and it is
 * forgotten if nobody is left. Throws `RelayError` `quota`, and `bad-chain` with `other-account` for a device that is
 * active on another chain here and `blocked` for one that the operator has blocked. To be called on the topics
 * `rendezvous` and `admission`.
 */
export async function admitByChain(transaction: Transaction<Schema>, entry: Entry): Promise<Entered> {
  const moved: Member[] = [];
  for (const device of entry.devices) {
    const former = await admit(transaction, device, entry);
    if (former !== null) moved.push({ device: device.id, account: former });
  }
  await eraseEmptyAccounts(
    transaction,
    moved.map(({ account }) => account),
  );
  return { moved };
}

/** The account that the device leaves; null where it leaves none. */
async function admit(transaction: Transaction<Schema>, device: ChainDevice, entry: Entry): Promise<AccountId | null> {
  const { account, chain, via, now, maxDevices } = entry;
  const refused = (reason: string): RelayError => new RelayError('bad-chain', 0, { reason, seqno: entry.seqno });
  const { id, signingKey, agreementKey } = device;
  const elsewhere = await transaction
    .selectFrom('chain_devices')
    .select('chain')
    .where('device', '=', id)
    .where('chain', '!=', chain)
    .where('revoked_by', 'is', null)
    .executeTakeFirst();
  if (elsewhere) throw refused('other-account');
  if (entry.founder !== null && equal(id, entry.founder)) {
    // Whoever let it in must not be able to have it forgotten; for how long it is let in stays as it was.
    await transaction.updateTable('devices').set({ admitted_by: null }).where('id', '=', id).execute();
    return null;
  }
  const known = await transaction
    .selectFrom('devices')
    .innerJoin('accounts', 'accounts.id', 'devices.account')
    .select(['devices.account', 'devices.blocked_at', 'accounts.blocked_at as account_blocked_at'])
    .where('devices.id', '=', id)
    .executeTakeFirst();
  if (known && (known.blocked_at !== null || known.account_blocked_at !== null)) throw refused('blocked');
  const values = { account, admitted_by: null, admitted_via: via };
  if (known && equal(known.account, account)) {
    await transaction.updateTable('devices').set(values).where('id', '=', id).execute();
    return null;
  }
  const all = transaction.selectFrom('devices').select((of) => of.fn.countAll<number>().as('devices'));
  if (!known && (await all.executeTakeFirstOrThrow()).devices >= maxDevices) throw new RelayError('quota');
  const own = await all.where('account', '=', account).executeTakeFirstOrThrow();
  if (own.devices >= limits.devicesPerChainAccount) throw new RelayError('quota');
  if (!known) {
    await transaction
      .insertInto('devices')
      .values({
        ...values,
        id,
        signing_key: signingKey,
        agreement_key: agreementKey,
        created_at: now,
        seen_on: 0,
        blocked_at: null,
      })
      .execute();
    return null;
  }
  await transaction.updateTable('devices').set(values).where('id', '=', id).execute();
  // They were meant for the account that it leaves.
  await transaction.deleteFrom('invitations').where('created_by', '=', id).execute();
  return parseAccountId(new Uint8Array(known.account));
}
