import { parseAccountId, parseDeviceId, type AccountId, type DeviceId } from '@palmkey/envelope';
import type { Kysely } from 'kysely';
import type { AccountBook } from '../socket/order-ports.ts';
import type { Database } from './database.ts';
import { prepare } from './prepared.ts';
import type { AdmittedVia, Schema } from './schema.ts';

/** What the relay knows of a device that it has let in. */
export interface KnownDevice {
  readonly account: AccountId;
  readonly admittedVia: AdmittedVia;
  /** Days since 1970 UTC; 0 for never. */
  readonly seenOn: number;
  /** By itself or with its account. */
  readonly blocked: boolean;
}

/** The devices that a relay knows. */
export class DeviceStore implements AccountBook {
  readonly #db: Kysely<Schema>;
  readonly #open: boolean;
  readonly #find;
  readonly #see;

  /** `open`: whether a device counts as known that nothing but an open relay let in. */
  constructor({ db }: Database, { open }: { readonly open: boolean }) {
    this.#db = db;
    this.#open = open;
    this.#find = prepare(db, findDevice);
    this.#see = prepare(db, seeDevice);
  }

  /** A device that is known at `now`, blocked or not; null for any other. */
  async find(id: DeviceId, now: number): Promise<KnownDevice | null> {
    const [row] = (await this.#find.run(this.#db, { id, now })).rows;
    if (!row) return null;
    const blocked = row.blocked_at !== null || row.account_blocked_at !== null;
    // Whom the operator has blocked is told so, however it was let in.
    if (!blocked && row.admitted_via === 'open' && !this.#open) return null;
    if (!blocked && row.admitted_via === 'open-rendezvous' && row.let_in_by === null) return null;
    return {
      account: parseAccountId(new Uint8Array(row.account)),
      admittedVia: row.admitted_via,
      seenOn: row.seen_on,
      blocked,
    };
  }

  async accountOf(id: DeviceId): Promise<AccountId | null> {
    const row = await this.#admitted().select('devices.account').where('devices.id', '=', id).executeTakeFirst();
    return row ? parseAccountId(new Uint8Array(row.account)) : null;
  }

  async devicesOf(account: AccountId): Promise<readonly DeviceId[]> {
    const rows = await this.#admitted().select('devices.id').where('devices.account', '=', account).execute();
    return rows.map((row) => parseDeviceId(new Uint8Array(row.id)));
  }

  /** The device is connected on that day, days since 1970 UTC. */
  async see(id: DeviceId, day: number): Promise<void> {
    await this.#see.run(this.#db, { id, day });
  }

  #admitted() {
    const admitted = this.#db
      .selectFrom('devices')
      .innerJoin('accounts', 'accounts.id', 'devices.account')
      .where('devices.blocked_at', 'is', null)
      .where('accounts.blocked_at', 'is', null);
    return this.#open ? admitted : admitted.where('devices.admitted_via', '!=', 'open');
  }
}

function findDevice(db: Kysely<Schema>, { id, now }: { readonly id: Uint8Array; readonly now: number }) {
  return db
    .selectFrom('devices')
    .innerJoin('accounts', 'accounts.id', 'devices.account')
    .leftJoin('rendezvous', (join) =>
      join.onRef('rendezvous.admitted', '=', 'devices.id').on('rendezvous.expires_at', '>', now),
    )
    .select(['devices.account', 'devices.admitted_via', 'devices.seen_on', 'devices.blocked_at'])
    .select(['accounts.blocked_at as account_blocked_at', 'rendezvous.id as let_in_by'])
    .where('devices.id', '=', id);
}

function seeDevice(db: Kysely<Schema>, { id, day }: { readonly id: Uint8Array; readonly day: number }) {
  return db.updateTable('devices').set({ seen_on: day }).where('id', '=', id).where('seen_on', '<', day);
}

/** The day of a time in ms since 1970 UTC, as `devices.seen_on` counts them. */
export function dayOf(now: number): number {
  return Math.floor(now / 86_400_000);
}
