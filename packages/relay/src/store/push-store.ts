import type { DeviceId, PushRegistration } from '@palmkey/envelope';
import type { Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** Where devices are reached that are away, one registration a device. Everything rejects as the store does. */
export class PushStore {
  readonly #db: Kysely<Schema>;

  constructor({ db }: Pick<Database, 'db'>) {
    this.#db = db;
  }

  /** Takes the place of the device's former registration. `now`: ms since 1970 UTC. */
  async put(device: DeviceId, { endpoint, p256dh, auth }: PushRegistration, now: number): Promise<void> {
    const values = { endpoint, p256dh, auth, created_at: now };
    await this.#db
      .insertInto('push_registrations')
      .values({ device, ...values })
      .onConflict((conflict) => conflict.column('device').doUpdateSet(values))
      .execute();
  }

  async find(device: DeviceId): Promise<PushRegistration | null> {
    const row = await this.#db
      .selectFrom('push_registrations')
      .select(['endpoint', 'p256dh', 'auth'])
      .where('device', '=', device)
      .executeTakeFirst();
    return row ?? null;
  }

  async remove(device: DeviceId): Promise<void> {
    await this.#db.deleteFrom('push_registrations').where('device', '=', device).execute();
  }

  /** Removes a registration that its service calls gone, unless the device has registered anew since. */
  async removeDead(device: DeviceId, endpoint: string): Promise<void> {
    await this.#db
      .deleteFrom('push_registrations')
      .where('device', '=', device)
      .where('endpoint', '=', endpoint)
      .execute();
  }
}
