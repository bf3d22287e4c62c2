import { parseAccountId, parseDeviceId } from '@palmkey/envelope';
import type { Transaction } from 'kysely';
import type { Member } from '../socket/order-ports.ts';
import type { Schema } from './schema.ts';

/**
 * Forgets devices and all that is kept of them but their mail: registrations for push, invitations, rendezvous, grants,
 * accounts that nobody is left in and nobody has blocked, and chains that nobody is known of who is active there. Returns who they were. To be called on the topics `rendezvous`
 * and `admission`.
 */
export async function eraseDevices(
  transaction: Transaction<Schema>,
  rows: readonly { readonly id: Uint8Array }[],
): Promise<readonly Member[]> {
  const ids = rows.map((row) => row.id);
  const erased: Member[] = [];
  // PostgreSQL takes 65,535 parameters in one statement, SQLite half of that.
  for (let from = 0; from < ids.length; from += 500)
    erased.push(...(await eraseSome(transaction, ids.slice(from, from + 500))));
  return erased;
}

async function eraseSome(transaction: Transaction<Schema>, ids: readonly Uint8Array[]): Promise<readonly Member[]> {
  const erased = await transaction.selectFrom('devices').select(['id', 'account']).where('id', 'in', ids).execute();
  await transaction.deleteFrom('push_registrations').where('device', 'in', ids).execute();
  await transaction.deleteFrom('invitations').where('created_by', 'in', ids).execute();
  await transaction
    .deleteFrom('chain_grants')
    .where((of) => of.or([of('created_by', 'in', ids), of('device', 'in', ids)]))
    .execute();
  const opened = await transaction.selectFrom('rendezvous').select('id').where('opened_by', 'in', ids).execute();
  await eraseRendezvous(
    transaction,
    opened.map((row) => row.id),
  );
  await transaction.deleteFrom('devices').where('id', 'in', ids).execute();
  await eraseEmptyAccounts(
    transaction,
    erased.map((row) => row.account),
  );
  return erased.map((row) => ({
    device: parseDeviceId(new Uint8Array(row.id)),
    account: parseAccountId(new Uint8Array(row.account)),
  }));
}

/** Forgets rendezvous and what was left there. A device that one admitted is the caller's to withdraw. */
export async function eraseRendezvous(transaction: Transaction<Schema>, ids: readonly Uint8Array[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction.deleteFrom('rendezvous_messages').where('rendezvous', 'in', ids).execute();
  await transaction.deleteFrom('rendezvous').where('id', 'in', ids).execute();
}

/** Forgets those of the accounts that have no device and are not blocked, and the chains that nobody is left of. */
export async function eraseEmptyAccounts(transaction: Transaction<Schema>, ids: readonly Uint8Array[]): Promise<void> {
  if (ids.length === 0) return;
  await eraseLostChains(transaction, ids);
  const gone = await transaction
    .deleteFrom('accounts')
    .where('id', 'in', ids)
    .where('blocked_at', 'is', null)
    .where('id', 'not in', (of) => of.selectFrom('devices').select('account').where('account', 'in', ids))
    .returning('id')
    .execute();
  if (gone.length === 0) return;
  await transaction
    .deleteFrom('invitations')
    .where(
      'joins',
      'in',
      gone.map((row) => row.id),
    )
    .execute();
}

/** Forgets the chains of accounts in which no device is known that is active on them. */
async function eraseLostChains(transaction: Transaction<Schema>, accounts: readonly Uint8Array[]): Promise<void> {
  const lost = await transaction
    .deleteFrom('chains')
    .where('account', 'in', accounts)
    .where((of) =>
      of.not(
        of.exists(
          of
            .selectFrom('chain_devices')
            .innerJoin('devices', 'devices.id', 'chain_devices.device')
            .select('devices.id')
            .whereRef('chain_devices.chain', '=', 'chains.id')
            .whereRef('devices.account', '=', 'chains.account')
            .where('chain_devices.revoked_by', 'is', null),
        ),
      ),
    )
    .returning('id')
    .execute();
  if (lost.length === 0) return;
  const ids = lost.map((row) => row.id);
  for (const table of chainTables) await transaction.deleteFrom(table).where('chain', 'in', ids).execute();
}

const chainTables = [
  'chain_links',
  'chain_devices',
  'chain_boxes',
  'chain_seeds',
  'chain_records',
  'chain_grants',
] as const satisfies readonly (keyof Schema)[];
