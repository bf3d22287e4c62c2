import { encodeLinks, parseLinkHash, type Head, type SignedLink } from '@palmkey/chain';
import { parseAccountId, parseDeviceId, RelayError, type AccountId, type DeviceId } from '@palmkey/envelope';
import type { ExpressionBuilder, Kysely, Transaction } from 'kysely';
import { ended, joined, renewsKey, type ChainStep } from '../chain/chain-step.ts';
import { limits } from '../limits.ts';
import type { ChainUser, Member } from '../socket/order-ports.ts';
import { exclusively, type Database } from './database.ts';
import { admitByChain, type Entered } from './chain-entry.ts';
import { eraseDevices } from './erase.ts';
import type { ChainDevicesTable, Schema } from './schema.ts';

/** Where a chain stands in the store. */
export interface StoredChain {
  readonly id: AccountId;
  /** The relay's account that it belongs to. */
  readonly account: AccountId;
  readonly head: Head;
}

/** What a device is on a chain. */
export type ChainStanding = Pick<ChainDevicesTable, 'kind' | 'revoked_by'>;

/** A post that replay has found good, as it is to be stored. */
export interface GoodPost extends ChainStep {
  readonly by: ChainUser;
  readonly links: readonly SignedLink[];
  readonly boxes: readonly { readonly receiver: DeviceId; readonly bytes: Uint8Array }[];
  readonly seeds: readonly { readonly generation: number; readonly bytes: Uint8Array }[];
  /** Ms since 1970 UTC. */
  readonly now: number;
}

/** What storing one has changed besides the chain. */
export interface Stored extends Entered {
  readonly account: AccountId;
  readonly forgotten: readonly Member[];
}

/** Rows of one statement: PostgreSQL takes 65,535 parameters, SQLite half of that. */
const ROWS = 500;

/** The chains of accounts, as their links were posted. Everything rejects as the store does. */
export class ChainStore {
  readonly #database: Database;
  readonly #maxDevices: number;

  constructor(database: Database, { maxDevices }: { readonly maxDevices: number }) {
    this.#database = database;
    this.#maxDevices = maxDevices;
  }

  /** A chain by its own id. */
  async find(chain: AccountId): Promise<StoredChain | null> {
    return findChain(this.#database.db, 'id', chain);
  }

  /** The chain of one of the relay's accounts. */
  async findOfAccount(account: AccountId): Promise<StoredChain | null> {
    return findChain(this.#database.db, 'account', account);
  }

  /** What a device is, or was, on a chain; null where it never was there. */
  async standingOf(chain: AccountId, device: DeviceId): Promise<ChainStanding | null> {
    return findStanding(this.#database.db, chain, device);
  }

  /** The devices that decide on a chain. */
  async membersOf(chain: AccountId): Promise<readonly DeviceId[]> {
    const rows = await this.#database.db
      .selectFrom('chain_devices')
      .select('device')
      .where('chain', '=', chain)
      .where('kind', '!=', 'host')
      .where('revoked_by', 'is', null)
      .execute();
    return rows.map(({ device }) => parseDeviceId(new Uint8Array(device)));
  }

  /** Whether a device was revoked from some chain here. */
  async wasRevoked(device: DeviceId): Promise<boolean> {
    const row = await this.#database.db
      .selectFrom('chain_devices')
      .select('chain')
      .where('device', '=', device)
      .where('revoked_by', 'is not', null)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Links after a seqno, each as it is sent, in their order: as many as `maxBytes` holds, and `maxLinks` at most. */
  async linksAfter(
    chain: AccountId,
    seqno: number,
    maxBytes: number,
    maxLinks: number,
  ): Promise<readonly Uint8Array[]> {
    const links: Uint8Array[] = [];
    let bytes = 0;
    let last = seqno;
    while (links.length < maxLinks) {
      const rows = await this.#database.db
        .selectFrom('chain_links')
        .select('link')
        .where('chain', '=', chain)
        .where('seqno', '>', last)
        .orderBy('seqno')
        .limit(Math.min(ROWS, maxLinks - links.length))
        .execute();
      if (rows.length === 0) break;
      for (const row of rows) {
        bytes += row.link.length;
        if (bytes > maxBytes) return links;
        links.push(new Uint8Array(row.link));
      }
      last += rows.length;
    }
    return links;
  }

  /**
   * Stores a post, and lets in and forgets whom it adds and revokes: all or nothing, and only where the chain still
   * stands where the post goes on from. Throws `RelayError` `conflict` where it does not, `quota`, and `bad-chain` with
   * `not-yours`, `other-account` or `blocked`.
   */
  async append(post: GoodPost): Promise<Stored> {
    return exclusively(this.#database, ['rendezvous', 'admission'], async (transaction) => {
      const account = await moveHead(transaction, post);
      const via = await checkPoster(transaction, post, account);
      await putLinks(transaction, post);
      await putStandings(transaction, post);
      await putBoxes(transaction, post);
      const { after, before, now } = post;
      const entered = await admitByChain(transaction, {
        devices: joined(post),
        founder: before === null ? post.by.device : null,
        chain: after.account,
        account,
        via,
        now,
        maxDevices: this.#maxDevices,
        seqno: (before?.head.seqno ?? 0) + 1,
      });
      const gone = ended(post).map(({ id }) => id);
      return { ...entered, account, forgotten: await forgetRevoked(transaction, gone, account, after.account) };
    });
  }
}

/** A chain by its id, or by the relay's account that it belongs to. */
export async function findChain(
  db: Kysely<Schema>,
  by: 'id' | 'account',
  value: Uint8Array,
): Promise<StoredChain | null> {
  const row = await db.selectFrom('chains').selectAll().where(by, '=', value).executeTakeFirst();
  if (!row) return null;
  return {
    id: parseAccountId(new Uint8Array(row.id)),
    account: parseAccountId(new Uint8Array(row.account)),
    head: { seqno: row.head_seqno, hash: parseLinkHash(new Uint8Array(row.head_hash)) },
  };
}

/** What a device is, or was, on a chain. */
export async function findStanding(
  db: Kysely<Schema>,
  chain: Uint8Array,
  device: Uint8Array,
): Promise<ChainStanding | null> {
  const row = await db
    .selectFrom('chain_devices')
    .select(['kind', 'revoked_by'])
    .where('chain', '=', chain)
    .where('device', '=', device)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether a device decides on a chain. */
export function isActiveMember({ kind, revoked_by }: ChainStanding): boolean {
  return kind !== 'host' && revoked_by === null;
}

/** Compare-and-swap of the head; the relay's account of the chain. */
async function moveHead(transaction: Transaction<Schema>, post: GoodPost): Promise<AccountId> {
  const { before, after, by } = post;
  const bytes = encodeLinks(post.links).length;
  const head = { head_seqno: after.head.seqno, head_hash: after.head.hash };
  if (before === null) {
    const begun = await transaction
      .insertInto('chains')
      .values({ id: after.account, account: by.account, ...head, bytes })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!begun) throw new RelayError('conflict');
    return by.account;
  }
  const moved = await transaction
    .updateTable('chains')
    .set((of) => ({ ...head, bytes: of('bytes', '+', bytes) }))
    .where('id', '=', after.account)
    .where('head_seqno', '=', before.head.seqno)
    .where('head_hash', '=', before.head.hash)
    .returning(['account', 'bytes'])
    .executeTakeFirst();
  if (!moved) throw new RelayError('conflict');
  if (moved.bytes > limits.chainBytes) throw new RelayError('quota');
  return parseAccountId(new Uint8Array(moved.account));
}

/**
 * The poster is still what it was when it was judged: of the account, or the bearer of a grant that is still good and
 * is used up by this. Whom it adds is known no longer than itself where only an open relay let it in.
 */
async function checkPoster(
  transaction: Transaction<Schema>,
  { by, before, now, after }: GoodPost,
  account: AccountId,
): Promise<'open' | 'chain'> {
  const notYours = new RelayError('bad-chain', 0, { reason: 'not-yours', seqno: (before?.head.seqno ?? 0) + 1 });
  let known = by.device;
  if (by.joins !== null) {
    const used = await transaction
      .deleteFrom('chain_grants')
      .where('chain', '=', after.account)
      .where('device', '=', by.device)
      .where('expires_at', '>', now)
      .returning('created_by')
      .executeTakeFirst();
    if (!used || (await findStanding(transaction, after.account, used.created_by))?.revoked_by !== null) throw notYours;
    known = parseDeviceId(new Uint8Array(used.created_by));
  }
  const row = await transaction
    .selectFrom('devices')
    .select('admitted_via')
    .where('id', '=', known)
    .where('account', '=', account)
    .executeTakeFirst();
  if (!row) throw notYours;
  return row.admitted_via === 'open' ? 'open' : 'chain';
}

async function putLinks(transaction: Transaction<Schema>, { before, after, links }: GoodPost): Promise<void> {
  const first = (before?.head.seqno ?? 0) + 1;
  const rows = links.map((link, i) => ({ chain: after.account, seqno: first + i, link: encodeLinks([link]) }));
  for (let from = 0; from < rows.length; from += ROWS) {
    await transaction
      .insertInto('chain_links')
      .values(rows.slice(from, from + ROWS))
      .execute();
  }
}

async function putStandings(transaction: Transaction<Schema>, step: GoodPost): Promise<void> {
  const chain = step.after.account;
  const rows = [
    ...joined(step).map(({ id, kind }) => ({ chain, device: id, kind, revoked_by: null })),
    ...ended(step).map(({ id, kind, revoked }) => ({ chain, device: id, kind, revoked_by: revoked.seqno })),
  ];
  for (const { revoked_by, ...row } of rows) {
    await transaction
      .insertInto('chain_devices')
      .values({ ...row, revoked_by })
      .onConflict((conflict) => conflict.columns(['chain', 'device']).doUpdateSet({ revoked_by }))
      .execute();
  }
}

/** Boxes of former generations open nothing that is asked for any more. */
async function putBoxes(transaction: Transaction<Schema>, post: GoodPost): Promise<void> {
  const { after, boxes, seeds } = post;
  const chain = after.account;
  const { generation } = after.perUserKey;
  if (renewsKey(post)) await transaction.deleteFrom('chain_boxes').where('chain', '=', chain).execute();
  for (const { receiver, bytes } of boxes) {
    await transaction.insertInto('chain_boxes').values({ chain, generation, receiver, box: bytes }).execute();
  }
  for (const seed of seeds) {
    const row = { chain, generation: seed.generation, seed: seed.bytes };
    await transaction.insertInto('chain_seeds').values(row).execute();
  }
}

/**
 * A device that meanwhile belongs to another account stays there. Whom the revoked ones let in otherwise goes with
 * them: they could have been let in for just that.
 */
async function forgetRevoked(
  transaction: Transaction<Schema>,
  ids: readonly DeviceId[],
  account: AccountId,
  chain: AccountId,
): Promise<readonly Member[]> {
  const gone: { readonly id: Uint8Array }[] = [];
  let next = ids.length === 0 ? [] : await ofAccount().where('id', 'in', ids).execute();
  // Nobody is let in twice, so that this ends with the devices of the account.
  while (next.length > 0) {
    gone.push(...next);
    const by = next.map(({ id }) => id);
    next = await ofAccount().where('admitted_by', 'in', by).where('blocked_at', 'is', null).execute();
  }
  return eraseDevices(transaction, gone);

  /** Its devices that are not on the chain. */
  function ofAccount() {
    const active = (of: ExpressionBuilder<Schema, 'devices'>) =>
      of
        .selectFrom('chain_devices')
        .select('device')
        .where('chain', '=', chain)
        .whereRef('chain_devices.device', '=', 'devices.id')
        .where('revoked_by', 'is', null);
    return transaction
      .selectFrom('devices')
      .select('id')
      .where('account', '=', account)
      .where((of) => of.not(of.exists(active(of))));
  }
}
