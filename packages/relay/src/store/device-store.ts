import {
  parseAccountId,
  parseDeviceId,
  type AccountId,
  type AgreementPublicKey,
  type DeviceId,
  type SigningPublicKey,
} from '@palmkey/envelope';
import type { Kysely } from 'kysely';
import type { AccountBook } from '../socket/order-ports.ts';
import type { Database } from './database.ts';
import type { AdmittedVia, Schema } from './schema.ts';

/** A device to be known from now on. */
export interface NewDevice {
  readonly id: DeviceId;
  readonly signingKey: SigningPublicKey;
  readonly agreementKey: AgreementPublicKey;
  readonly admittedBy: DeviceId | null;
  readonly admittedVia: AdmittedVia;
  readonly createdAt: number;
}

/** What came of a wish to forget a device. */
export type Forgotten = 'forgotten' | 'unknown' | 'not-yours';

/** The devices that a relay knows, on disk. */
export class DeviceStore implements AccountBook {
  readonly #db: Kysely<Schema>;

  constructor({ db }: Database) {
    this.#db = db;
  }

  /** Forgets the devices of rendezvous that a former run left open. */
  async forgetProvisional(): Promise<void> {
    await this.#db.deleteFrom('devices').where('admitted_via', '=', 'open-rendezvous').execute();
  }

  /** Whether the relay knows the device. */
  async has(id: DeviceId): Promise<boolean> {
    const row = await this.#db.selectFrom('devices').select('id').where('id', '=', id).executeTakeFirst();
    return row !== undefined;
  }

  async accountOf(id: DeviceId): Promise<AccountId | null> {
    const row = await this.#db
      .selectFrom('devices')
      .select('account')
      .where('id', '=', id)
      .where('blocked_at', 'is', null)
      .executeTakeFirst();
    return row ? parseAccountId(new Uint8Array(row.account)) : null;
  }

  async devicesOf(account: AccountId): Promise<readonly DeviceId[]> {
    const rows = await this.#db
      .selectFrom('devices')
      .select('id')
      .where('account', '=', account)
      .where('blocked_at', 'is', null)
      .execute();
    return rows.map((row) => parseDeviceId(new Uint8Array(row.id)));
  }

  /** Knows a device from now on. One that is known stays as it is, but an operator's word makes it permanent. */
  async add(device: NewDevice): Promise<void> {
    const insert = this.#db.insertInto('devices').values({
      id: device.id,
      account: device.admittedBy ?? device.id,
      seen_on: 0,
      signing_key: device.signingKey,
      agreement_key: device.agreementKey,
      admitted_by: device.admittedBy,
      admitted_via: device.admittedVia,
      created_at: device.createdAt,
    });
    await insert
      .onConflict((conflict) =>
        device.admittedVia === 'operator'
          ? conflict.column('id').doUpdateSet({ admitted_by: null, admitted_via: 'operator' })
          : conflict.column('id').doNothing(),
      )
      .execute();
  }

  /** Makes permanent what an open rendezvous admitted. */
  async keep(id: DeviceId): Promise<void> {
    await this.#db
      .updateTable('devices')
      .set({ admitted_via: 'rendezvous' })
      .where('id', '=', id)
      .where('admitted_via', '=', 'open-rendezvous')
      .execute();
  }

  /** Takes back what an open rendezvous admitted; says whether there was anything to take back. */
  async withdraw(id: DeviceId): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('devices')
      .where('id', '=', id)
      .where('admitted_via', '=', 'open-rendezvous')
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Forgets a device that `by` let in. */
  async forget(id: DeviceId, by: DeviceId): Promise<Forgotten> {
    const result = await this.#db
      .deleteFrom('devices')
      .where('id', '=', id)
      .where('admitted_by', '=', by)
      .executeTakeFirst();
    if (result.numDeletedRows > 0n) return 'forgotten';
    return (await this.has(id)) ? 'not-yours' : 'unknown';
  }
}
