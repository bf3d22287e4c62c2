import {
  accountDataGeneration,
  encodeSharedEndings,
  factsRecordName,
  type MemberRecordName,
  openMemberRecord,
  parseMemberRecordName,
  parseSharedEndings,
  parseSharedPermissions,
  sealFactsRecord,
} from '@palmkey/core/account';
import { FormatError, OpenError } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type AccountRecord, equal, RelayError, toHex } from '@palmkey/envelope';
import type { HexId } from '../../model/hex-id.ts';
import type { SharedRow } from '../../store/schema.ts';
import type { PermissionBook } from '../permissions/permission-book.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import type { Account } from './account.ts';
import type { SharedShelf } from './shared-shelf.ts';

/** What reading works with. */
export interface SharedReaderDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'clock'>;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly shelf: SharedShelf;
  readonly book: PermissionBook;
}

/**
 * Reads account data: what is new since the last time, or all of it where the relay has another count or the per-user key
 * another generation. Nothing goes back: a record that its member has written later is held against an older one.
 */
export class SharedReader {
  readonly #deps: SharedReaderDeps;
  /** Records that the relay shows older than they are known here, and such that do not open. */
  readonly #behind = new Set<string>();
  /** Facts that stand under a former generation. */
  #oldFacts: readonly AccountRecord[] = [];

  constructor(deps: SharedReaderDeps) {
    this.#deps = deps;
  }

  /** The relay shows records older than they are, or such that do not open. */
  get isBehind(): boolean {
    return this.#behind.size > 0;
  }

  /** Something that a phone has ended may be hidden behind one of these. */
  get hidesEndings(): boolean {
    return [...this.#behind].some((name) => parseMemberRecordName(name)?.kind === 'endings');
  }

  /** Resolves with the revision that was written last. Rejects with what the relay says, and a StoreError. */
  async read(chain: ChainOrders, all = false): Promise<number> {
    const { account, shelf } = this.#deps;
    const relay = account.row.relay ?? '';
    const { generation } = account.state.perUserKey;
    const known = shelf.sharing;
    const goesOn = !all && known?.relay === relay && known.generation === generation;
    let from = goesOn ? known.revision : 0;
    let answer = await chain.recordsAfter(from);
    if (answer.latest < from) {
      from = 0;
      answer = await chain.recordsAfter(0);
    }
    if (from === 0) this.#behind.clear();
    const put = new Map<string, SharedRow>();
    if (from === 0) this.#forgetRevisions(put);
    for (const record of answer.records) await this.#take(record, put);
    if (from === 0) this.#oldFacts = this.#factsBefore(generation, answer.records);
    const unread = answer.records.find(({ name }) => this.#behind.has(name));
    const revision = unread === undefined ? answer.latest : unread.revision - 1;
    await this.#save([...put.values()], { id: 'sharing', relay, revision, generation });
    return answer.latest;
  }

  /** Writes the facts anew that stand under a former generation. */
  async renewFacts(chain: ChainOrders): Promise<void> {
    const { account, ports } = this.#deps;
    const key = account.perUserKey;
    if (key === undefined) return;
    for (const { name, revision } of this.#oldFacts) {
      const device = account.state.active.find(({ id }) => factsRecordName(id) === name);
      const facts = device && account.facts(device.id);
      if (!device || !facts) continue;
      const { kind, name: called, salt } = facts;
      const said = { facts: { kind, name: called }, salt };
      const bytes = await sealFactsRecord(ports.primitives, account.state, key, device.id, said);
      try {
        await chain.write({ name, revision, bytes });
      } catch (error) {
        // Another member was faster.
        if (!(error instanceof RelayError && error.code === 'conflict')) throw error;
      }
    }
    this.#oldFacts = [];
  }

  /** Read from the first: what is not among it does not stand at the relay. */
  #forgetRevisions(put: Map<string, SharedRow>): void {
    for (const row of this.#deps.shelf.rows) put.set(row.id, { ...row, revision: 0, sent: false });
  }

  async #take({ name, revision, bytes }: AccountRecord, put: Map<string, SharedRow>): Promise<void> {
    const { account, shelf, ports, device } = this.#deps;
    const named = parseMemberRecordName(name);
    if (named === null || account.state.findEver(named.device) === undefined) return;
    const isOwn = equal(named.device, device.id);
    const known = put.get(name) ?? shelf.get(name);
    let read;
    try {
      read = await openMemberRecord(ports.primitives, account.state, account.perUserKeys, name, bytes);
      checkBody(named, read.body);
    } catch (error) {
      if (!(error instanceof OpenError || error instanceof FormatError)) throw error;
      // Its own a device writes anew.
      if (isOwn) put.set(name, { ...(known ?? unreadRow(name)), revision, sent: false });
      else this.#behind.add(name);
      return;
    }
    if (known !== undefined && read.counter < known.counter) {
      if (isOwn) put.set(name, { ...known, revision, sent: false });
      else this.#behind.add(name);
      return;
    }
    this.#behind.delete(name);
    // A change of this device's own that has not left yet stays.
    const kept = isOwn && read.counter === known?.counter ? known.body : read.body;
    const { counter, generation } = read;
    const sent = isOwn && equal(kept, read.body);
    put.set(name, { id: name, counter, body: kept, generation, revision, sent });
  }

  /** Keeps what was read; what of this phone's own has ended by it ends here first. */
  async #save(put: readonly SharedRow[], sharing: NonNullable<SharedShelf['sharing']>): Promise<void> {
    const { shelf, book } = this.#deps;
    const ended = this.#ended(put);
    book.drop(ended);
    await shelf.save({ put, sharing, along: (transaction) => book.revoke(transaction, ended) });
  }

  /** The permissions of this phone that another has ended, and those of a copy of it that was put back. */
  #ended(put: readonly SharedRow[]): readonly HexId[] {
    const { book, device, shelf } = this.#deps;
    const self = toHex(device.id);
    const ended = new Set<HexId>();
    for (const row of put) {
      const named = parseMemberRecordName(row.id);
      if (named?.kind === 'endings') for (const { id } of parseSharedEndings(row.body)) ended.add(id);
      const known = shelf.get(row.id);
      const isOurs = named?.kind === 'permissions' && toHex(named.device) === self;
      if (!isOurs || row.counter <= (known?.counter ?? 0)) continue;
      const given = new Set(parseSharedPermissions(row.body).map(({ id }) => id));
      for (const id of book.ids()) if (!given.has(id)) ended.add(id);
    }
    return book.ids(({ id }) => ended.has(id));
  }

  #factsBefore(generation: number, records: readonly AccountRecord[]): readonly AccountRecord[] {
    return records.filter(({ name, bytes }) => name.startsWith('facts/') && generationOf(bytes) < generation);
  }
}

/** A row for a record of this device's own that nobody could read. */
function unreadRow(id: string): SharedRow {
  return { id, counter: 0, body: encodeSharedEndings([]), generation: 0, revision: 0, sent: false };
}

function generationOf(bytes: Uint8Array): number {
  try {
    return accountDataGeneration(bytes);
  } catch (error) {
    if (error instanceof FormatError) return 0;
    throw error;
  }
}

/** Throws {@link FormatError} for a body that is not what the record's name says. A history's lines are shown where they parse. */
function checkBody({ kind }: MemberRecordName, body: Uint8Array): void {
  if (kind === 'endings') parseSharedEndings(body);
  else if (kind === 'permissions') parseSharedPermissions(body);
}
