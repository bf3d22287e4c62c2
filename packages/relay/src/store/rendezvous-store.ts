import {
  equal,
  parseAccountId,
  parseDeviceId,
  parseRendezvousId,
  parseRendezvousSender,
  RelayError,
  type DeviceId,
  type RendezvousId,
  type RendezvousSender,
} from '@palmkey/envelope';
import { sql, type Transaction } from 'kysely';
import { randomInt } from 'node:crypto';
import type { Member } from '../socket/order-ports.ts';
import { limits } from '../limits.ts';
import { exclusively, type Database } from './database.ts';
import { eraseDevices, eraseRendezvous } from './erase.ts';
import type { Schema } from './schema.ts';

/** One message left at a rendezvous. */
export interface RendezvousMessage {
  readonly sender: RendezvousSender;
  readonly seqno: number;
  readonly msg: Uint8Array;
}

/** What a closed rendezvous had admitted, and whether it was that device that its opener named. */
export interface Closed extends Member {
  readonly kept: boolean;
}

/** The rendezvous that are open, the same for every node (spec/relay.md, "Rendezvous"). Methods throw `RelayError`. */
export class RendezvousStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Opens one for at most an hour. Where the device has as many as it may, the oldest at which no two have met
   * makes room; returns that one. `conflict`: the id is open already; `rendezvous-full`: too many that are in use, or all together.
   */
  async open(id: RendezvousId, opener: DeviceId, now: number): Promise<RendezvousId | undefined> {
    return exclusively(this.#database, 'rendezvous', async (transaction) => {
      const former = await transaction.selectFrom('rendezvous').select('id').where('id', '=', id).executeTakeFirst();
      if (former) throw new RelayError('conflict');
      const unused = await makeRoom(transaction, opener, now);
      const all = await transaction
        .selectFrom('rendezvous')
        .select((of) => of.fn.countAll<number>().as('rendezvous'))
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      if (all.rendezvous >= limits.rendezvousTotal) throw new RelayError('rendezvous-full');
      const expires_at = now + limits.rendezvousLifetimeMs;
      const values = { id, opened_by: opener, admitted: null, nameplate: null, bytes: 0, expires_at };
      await transaction.insertInto('rendezvous').values(values).execute();
      return unused;
    });
  }

  /**
   * Closes one. The device that it admitted is kept if it is `keep`, and otherwise forgotten. Returns which that was, if
   * any. `no-rendezvous` also where another device opened it.
   */
  async close(id: RendezvousId, opener: DeviceId, keep: DeviceId | null, now: number): Promise<Closed | undefined> {
    return this.#withAdmission(async (transaction) => {
      const row = await transaction
        .selectFrom('rendezvous')
        .select('admitted')
        .where('id', '=', id)
        .where('opened_by', '=', opener)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      if (!row) throw new RelayError('no-rendezvous');
      await eraseRendezvous(transaction, [id]);
      if (row.admitted === null) return undefined;
      const device = parseDeviceId(new Uint8Array(row.admitted));
      const kept = keep !== null && equal(device, keep);
      if (kept) return { ...(await keepAdmission(transaction, device, opener)), kept };
      const [gone] = await withdraw(transaction, now, device);
      return gone && { ...gone, kept };
    });
  }

  /** Leaves a message. `repeated`: the same was left before; `conflict`: another one under its triple. */
  async post(id: RendezvousId, message: RendezvousMessage, now: number): Promise<'posted' | 'repeated'> {
    const { sender, seqno, msg } = message;
    if (msg.length > limits.maxRendezvousMessageBytes) throw new RelayError('too-large');
    // What was never opened costs no lock.
    if (!(await this.isOpen(id, now))) throw new RelayError('no-rendezvous');
    return exclusively(this.#database, 'rendezvous', async (transaction) => {
      const { bytes, ofOpener } = await sizes(transaction, id, now);
      const left = await transaction
        .selectFrom('rendezvous_messages')
        .select(['sender', 'seqno'])
        .where('rendezvous', '=', id)
        .execute();
      if (left.some((row) => row.seqno === seqno && equal(row.sender, sender))) {
        return isSame(transaction, id, message);
      }
      const senders = new Set(
        [sender, ...left.map((row) => row.sender)].map((name) => Buffer.from(name).toString('hex')),
      );
      if (left.length >= limits.messagesPerRendezvous || senders.size > limits.sendersPerRendezvous) {
        throw new RelayError('rendezvous-full');
      }
      const isFull =
        bytes + msg.length > limits.rendezvousTotalBytes || ofOpener + msg.length > limits.rendezvousBytesPerDevice;
      if (isFull) throw new RelayError('rendezvous-full');
      await transaction.insertInto('rendezvous_messages').values({ rendezvous: id, sender, seqno, msg }).execute();
      await transaction
        .updateTable('rendezvous')
        .set((of) => ({ bytes: of('bytes', '+', msg.length) }))
        .where('id', '=', id)
        .execute();
      return 'posted';
    });
  }

  /** All messages of others than `receiver` with `seqno >= low`, by sender and seqno. Throws `no-rendezvous`. */
  async messages(
    id: RendezvousId,
    receiver: RendezvousSender,
    low: number,
    now: number,
  ): Promise<readonly RendezvousMessage[]> {
    const rows = await this.#database.db
      .selectFrom('rendezvous_messages')
      .select(['sender', 'seqno', 'msg'])
      .where('rendezvous', '=', id)
      .where('sender', '!=', receiver)
      .where('seqno', '>=', low)
      .orderBy('sender')
      .orderBy('seqno')
      .execute();
    // After the messages: those of a rendezvous that is closed meanwhile are not given.
    if (!(await this.isOpen(id, now))) throw new RelayError('no-rendezvous');
    return rows.map(({ sender, seqno, msg }) => ({
      sender: parseRendezvousSender(new Uint8Array(sender)),
      seqno,
      msg: new Uint8Array(msg),
    }));
  }

  async isOpen(id: RendezvousId, now: number): Promise<boolean> {
    const row = await this.#database.db
      .selectFrom('rendezvous')
      .select('id')
      .where('id', '=', id)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * A short number for a rendezvous that the device has open, the same each time until it is used. From then on that
   * rendezvous is no grant: strangers try short numbers.
   */
  async allocateNameplate(id: RendezvousId, opener: DeviceId, now: number): Promise<number> {
    return exclusively(this.#database, 'rendezvous', async (transaction) => {
      const row = await transaction
        .selectFrom('rendezvous')
        .select('nameplate')
        .where('id', '=', id)
        .where('opened_by', '=', opener)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      if (!row) throw new RelayError('no-rendezvous');
      if (row.nameplate !== null && row.nameplate > 0) return row.nameplate;
      const taken = await transaction
        .selectFrom('rendezvous')
        .select('nameplate')
        .where('nameplate', 'is not', null)
        .execute();
      const nameplate = freeNumber(new Set(taken.map((other) => Math.abs(other.nameplate ?? 0))));
      await transaction.updateTable('rendezvous').set({ nameplate }).where('id', '=', id).execute();
      return nameplate;
    });
  }

  /** The rendezvous of a nameplate, which is burnt by it; `no-nameplate` for one that is burnt or was never given. */
  async claimNameplate(nameplate: number, now: number): Promise<RendezvousId> {
    const row = await this.#database.db
      .updateTable('rendezvous')
      // A burnt one stays as its negative: that there was one is not forgotten as long as the rendezvous is open.
      .set({ nameplate: -nameplate })
      .where('nameplate', '=', nameplate)
      .where('expires_at', '>', now)
      .returning('id')
      .executeTakeFirst();
    if (!row) throw new RelayError('no-nameplate');
    return parseRendezvousId(new Uint8Array(row.id));
  }

  /** Ends those that are over. Returns the devices that are forgotten with them: nobody has said to keep them. */
  async sweep(now: number): Promise<readonly Member[]> {
    const { db } = this.#database;
    const due = await db.selectFrom('rendezvous').select('id').where('expires_at', '<=', now).executeTakeFirst();
    const provisional = await db
      .selectFrom('devices')
      .select('id')
      .where('admitted_via', '=', 'open-rendezvous')
      .executeTakeFirst();
    if (!due && !provisional) return [];
    return this.#withAdmission(async (transaction) => {
      const over = await transaction.selectFrom('rendezvous').select('id').where('expires_at', '<=', now).execute();
      await eraseRendezvous(
        transaction,
        over.map((row) => row.id),
      );
      return withdraw(transaction, now);
    });
  }

  /** One that also changes what is known of devices. */
  #withAdmission<T>(run: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
    return exclusively(this.#database, ['rendezvous', 'admission'], run);
  }
}

/** Room for one more of this device: a page that is reloaded opens new ones, and cannot close those that it had. */
async function makeRoom(
  transaction: Transaction<Schema>,
  opener: DeviceId,
  now: number,
): Promise<RendezvousId | undefined> {
  const own = await transaction
    .selectFrom('rendezvous')
    .leftJoin('rendezvous_messages', 'rendezvous_messages.rendezvous', 'rendezvous.id')
    .select((of) => ['rendezvous.id', 'admitted', of.fn.count<number>('sender').distinct().as('senders')])
    .where('opened_by', '=', opener)
    .where('expires_at', '>', now)
    .groupBy(['rendezvous.id', 'admitted', 'expires_at'])
    .orderBy('expires_at')
    .execute();
  if (own.length < limits.rendezvousPerDevice) return undefined;
  const unused = own.find(({ admitted, senders }) => admitted === null && senders < 2);
  if (unused === undefined) throw new RelayError('rendezvous-full');
  await eraseRendezvous(transaction, [unused.id]);
  return parseRendezvousId(new Uint8Array(unused.id));
}

/** Makes permanent what an open rendezvous admitted; no more so than its opener's own admission is. */
async function keepAdmission(transaction: Transaction<Schema>, device: DeviceId, opener: DeviceId): Promise<Member> {
  const by = await transaction
    .selectFrom('devices')
    .select(['admitted_via', 'account'])
    .where('id', '=', opener)
    .executeTakeFirst();
  await transaction
    .updateTable('devices')
    .set({ admitted_via: by?.admitted_via === 'open' ? 'open' : 'rendezvous' })
    .where('id', '=', device)
    .where('admitted_via', '=', 'open-rendezvous')
    .execute();
  return { device, account: parseAccountId(new Uint8Array(by?.account ?? device)) };
}

/** Forgets the devices (or the one) that no rendezvous which is still open admitted; returns them. */
async function withdraw(transaction: Transaction<Schema>, now: number, device?: DeviceId): Promise<readonly Member[]> {
  let orphans = transaction
    .selectFrom('devices')
    .leftJoin('rendezvous', (join) =>
      join.onRef('rendezvous.admitted', '=', 'devices.id').on('rendezvous.expires_at', '>', now),
    )
    .select('devices.id')
    .where('devices.admitted_via', '=', 'open-rendezvous')
    .where('devices.blocked_at', 'is', null)
    .where('rendezvous.id', 'is', null);
  if (device) orphans = orphans.where('devices.id', '=', device);
  return eraseDevices(transaction, await orphans.execute());
}

/**
 * How many bytes all messages have together, and those at what this one's opener has open. Throws `no-rendezvous` where
 * this one is not open.
 */
async function sizes(
  transaction: Transaction<Schema>,
  id: RendezvousId,
  now: number,
): Promise<{ readonly bytes: number; readonly ofOpener: number }> {
  const row = await transaction
    .selectFrom('rendezvous')
    .select((of) => [
      of
        .selectFrom('rendezvous as each')
        .select(sql<number>`cast(sum(each.bytes) as bigint)`.as('sum'))
        .as('bytes'),
      of
        .selectFrom('rendezvous as own')
        .select(sql<number>`cast(sum(own.bytes) as bigint)`.as('sum'))
        .whereRef('own.opened_by', '=', 'rendezvous.opened_by')
        .as('ofOpener'),
    ])
    .where('id', '=', id)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (!row) throw new RelayError('no-rendezvous');
  return { bytes: row.bytes ?? 0, ofOpener: row.ofOpener ?? 0 };
}

async function isSame(
  transaction: Transaction<Schema>,
  id: RendezvousId,
  { sender, seqno, msg }: RendezvousMessage,
): Promise<'repeated'> {
  const former = await transaction
    .selectFrom('rendezvous_messages')
    .select('msg')
    .where('rendezvous', '=', id)
    .where('sender', '=', sender)
    .where('seqno', '=', seqno)
    .executeTakeFirstOrThrow();
  if (!equal(former.msg, msg)) throw new RelayError('conflict');
  return 'repeated';
}

/** One of three digits, or of four where more than half of those are taken: there are fewer rendezvous than that. */
function freeNumber(taken: ReadonlySet<number>): number {
  const [from, to] = taken.size < 450 ? [100, 1_000] : [1_000, 10_000];
  const free = Array.from({ length: to - from }, (_, i) => from + i).filter((number) => !taken.has(number));
  const picked = free[randomInt(free.length)];
  if (picked === undefined) throw new RelayError('rendezvous-full');
  return picked;
}
