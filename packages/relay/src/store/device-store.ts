import type { AgreementPublicKey, DeviceId, SigningPublicKey } from '@palmkey/envelope';
import { Kysely } from 'kysely';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RelayStartError } from '../errors.ts';
import { sqliteTypes } from './column-types.ts';
import { migrate } from './migrate.ts';
import type { AdmittedVia, Schema } from './schema.ts';
import { sqliteDialect } from './sqlite.ts';

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
export class DeviceStore implements AsyncDisposable {
  readonly #db: Kysely<Schema>;

  private constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /**
   * Opens or makes the store, migrates it, and forgets the devices of rendezvous that a former run left open. Throws
   * {@link RelayStartError} `newer-store` or `no-store`.
   */
  static async open(path: string): Promise<DeviceStore> {
    let db: Kysely<Schema> | undefined;
    try {
      if (path !== ':memory:') await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      db = new Kysely<Schema>({ dialect: await sqliteDialect(path) });
      await migrate(db, sqliteTypes);
      await db.deleteFrom('devices').where('admitted_via', '=', 'open-rendezvous').execute();
      return new DeviceStore(db);
    } catch (error) {
      await db?.destroy();
      if (error instanceof RelayStartError) throw error;
      throw new RelayStartError('no-store', 'the store cannot be opened', error);
    }
  }

  /** Whether the relay knows the device. */
  async has(id: DeviceId): Promise<boolean> {
    const row = await this.#db.selectFrom('devices').select('id').where('id', '=', id).executeTakeFirst();
    return row !== undefined;
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

  /** Closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy();
  }
}
