import {
  allowedNow,
  endedBy,
  givenBy,
  mergePermissions,
  noPermissions,
  parseMemberRecordName,
  parseSharedEndings,
  parseSharedPermissions,
  type PermissionsState,
  withoutOldEndings,
} from '@palmkey/core/account';
import { type AccountDataWord, equal, fromHex, parseDeviceId, RelayError, toHex } from '@palmkey/envelope';
import type { HexId } from '../../model/hex-id.ts';
import type { HistoryEntry, PermissionView } from '../../model/model.ts';
import type { HistoryRow } from '../../store/schema.ts';
import type { ChainOrders } from '../ports.ts';
import { isOfRelay } from './account-error.ts';
import { historyEntry, linesOf, permissionView } from './shared-rows.ts';
import { SharedReader, type SharedReaderDeps } from './shared-reader.ts';
import { SharedWriter, type SharedWriterDeps } from './shared-writer.ts';

/** So long after a decision the history is written, ms: what becomes of it is written along. */
const HISTORY_AFTER_MS = 1_500;

/** What the shared data works with. */
export interface SharedDataDeps extends SharedReaderDeps, SharedWriterDeps {
  readonly chain: () => ChainOrders | null;
  /** One after the other with everything that asks the relay. */
  readonly inOrder: (work: () => Promise<void>) => Promise<void>;
  readonly onChange: () => void;
  readonly run: (work: () => Promise<void>) => void;
}

/**
 * What the phones of an account know of each other: what is allowed on any of them, and what was decided
 * (spec/permissions.md, "Several phones"). A permission of this phone answers only while all is read that another may have
 * ended.
 */
export class SharedData {
  readonly #deps: SharedDataDeps;
  readonly #reader: SharedReader;
  readonly #writer: SharedWriter;
  readonly #closed = new AbortController();
  #permissions: PermissionsState = noPermissions;
  /** Everything up to this revision was read at this relay, over the connection that stands; null: nothing was. */
  #read: { readonly relay: string | null; readonly revision: number } | null = null;
  /** The latest revision that was told of there. */
  #told: { readonly relay: string | null; readonly revision: number } | null = null;
  /** Ends when the reading that is under way does. */
  #reading: Promise<void> = Promise.resolve();
  /** What was looked at last, to see what is new. */
  #seen: { readonly permissions: number; readonly history: readonly HistoryRow[] };
  #history: { readonly of: readonly HistoryRow[]; readonly entries: readonly HistoryEntry[] } | null = null;
  /** A history is about to be written. */
  #waits = false;
  #stopLooking: () => void = () => undefined;

  constructor(deps: SharedDataDeps) {
    this.#deps = deps;
    this.#reader = new SharedReader(deps);
    this.#writer = new SharedWriter(deps);
    this.#seen = { permissions: deps.book.version, history: deps.state.history };
    this.#learn();
  }

  /** From now on what changes here is told to the others. */
  start(): void {
    this.#stopLooking = this.#deps.state.subscribe(() => this.#look());
  }

  close(): void {
    this.#stopLooking();
    this.#closed.abort();
  }

  /** No other member was ever there that decides: nobody else can have ended anything. */
  get isAlone(): boolean {
    const { account, device } = this.#deps;
    const { active, revoked } = account.state;
    return [...active, ...revoked].every(({ id, kind }) => kind !== 'member' || equal(id, device.id));
  }

  /** Whether permissions of this phone may answer now. */
  get mayAnswer(): boolean {
    if (this.isAlone) return true;
    return this.#readTo !== null && this.#readTo >= this.#heard && !this.#reader.hidesEndings;
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    let reading;
    do {
      reading = this.#reading;
      await reading;
    } while (reading !== this.#reading);
  }

  /** `older`: the relay shows less than was there; `unread`: it was not read since the connection began. */
  get standing(): 'current' | 'unread' | 'older' {
    if (this.isAlone) return 'current';
    if (this.#reader.isBehind) return 'older';
    return this.mayAnswer ? 'current' : 'unread';
  }

  /** The connection to the account's relay has ended. */
  lost(): void {
    this.#read = null;
    this.#told = null;
  }

  /** Reads what is new; what the relay says against it leaves it unread. Part of the caller's order. */
  catchUp(chain: ChainOrders): Promise<void> {
    return this.isAlone ? Promise.resolve() : this.#readNew(chain);
  }

  /** Another member has written. */
  heard({ revision }: AccountDataWord): void {
    if (this.isAlone || revision <= (this.#readTo ?? 0)) return;
    this.#told = { relay: this.#deps.account.row.relay, revision: Math.max(this.#heard, revision) };
    this.#reading = this.#deps.inOrder(async () => {
      const chain = this.#deps.chain();
      if (chain !== null && this.#readTo !== null && this.#readTo < this.#heard) await this.#readNew(chain);
    });
    this.#deps.run(() => this.#reading);
  }

  /** Brings what this device says up to date at the relay. Part of the caller's order. */
  async share(chain: ChainOrders): Promise<void> {
    if (this.isAlone) {
      // Only the words were made anew.
      const { account, shelf } = this.#deps;
      if (shelf.sharing?.generation !== account.state.perUserKey.generation) await this.#readNew(chain);
    }
    try {
      await this.#reader.renewFacts(chain);
      if (!this.isAlone && this.#readTo !== null) await this.#write(chain);
    } catch (error) {
      if (!isOfRelay(error)) throw error;
    }
    this.#learn();
    this.#deps.onChange();
  }

  /** Ends permissions of other phones: one, or all. Those beyond what can be told at once stay listed. */
  async end(id: HexId | null): Promise<void> {
    const ended = this.#allowed().filter(({ permission }) => id === null || permission.id === id);
    if (ended.length === 0) return;
    await this.#writer.end(ended.map(({ permission: { id: of, endsAt } }) => ({ id: of, endsAt })));
    this.#deps.onChange();
    this.#shareSoon();
  }

  /** What is allowed on other phones. */
  permissions(): readonly PermissionView[] {
    const { state } = this.#deps;
    const { all, sent } = this.#writer.endings;
    const ended = new Set(all.map(({ id }) => id));
    return this.#allowed()
      .filter(({ permission }) => !sent || !ended.has(permission.id))
      .map(({ device, permission }) =>
        permissionView(permission, this.#nameOf(device), ended.has(permission.id), state),
      );
  }

  /** The history of this phone, with what was decided on the others; newest first. */
  history(): readonly HistoryEntry[] {
    const { state } = this.#deps;
    if (this.#history?.of !== state.history) this.#history = { of: state.history, entries: this.#merged() };
    return this.#history.entries;
  }

  #merged(): readonly HistoryEntry[] {
    const { account, device, shelf, state } = this.#deps;
    const own = state.history;
    const known = new Map(own.map((row) => [row.id, row]));
    const others = [...account.state.active, ...account.state.revoked].filter(
      ({ id, kind }) => kind === 'member' && !equal(id, device.id),
    );
    const told = new Map<string, HistoryEntry>();
    for (const { id } of others) {
      const phone = this.#nameOf(toHex(id));
      for (const line of linesOf(shelf.of(toHex(id)))) {
        const mine = known.get(`${line.host}/${line.hash}`);
        // What was decided here stands here; of the rest the phone that decided knows best.
        if (mine?.by === 'person' || mine?.by === 'permission') continue;
        told.set(`${line.host}/${line.hash}`, historyEntry(line, phone, state));
      }
    }
    if (told.size === 0) return own;
    const entries = [...own.filter(({ id }) => !told.has(id)), ...told.values()];
    return entries.toSorted((a, b) => b.at - a.at);
  }

  #allowed(): ReturnType<typeof allowedNow> {
    const { account, device, ports } = this.#deps;
    const self = toHex(device.id);
    return allowedNow(this.#permissions, ports.clock.now()).filter(
      ({ device: of }) => of !== self && account.state.find(parseDeviceId(fromHex(of)))?.kind === 'member',
    );
  }

  #nameOf(device: HexId): string {
    return this.#deps.account.facts(parseDeviceId(fromHex(device)))?.name ?? device.slice(0, 8);
  }

  /** Null where the account is at another relay since. */
  get #readTo(): number | null {
    return this.#read?.relay === this.#deps.account.row.relay ? this.#read.revision : null;
  }

  get #heard(): number {
    return this.#told?.relay === this.#deps.account.row.relay ? this.#told.revision : 0;
  }

  async #readNew(chain: ChainOrders): Promise<void> {
    try {
      const { relay } = this.#deps.account.row;
      this.#read = { relay, revision: await this.#reader.read(chain) };
      this.#writer.forgetRing();
    } catch (error) {
      this.#read = null;
      if (!isOfRelay(error)) throw error;
    }
    this.#learn();
    this.#deps.onChange();
  }

  async #write(chain: ChainOrders): Promise<void> {
    try {
      await this.#writer.write(chain);
    } catch (error) {
      if (!(error instanceof RelayError && error.code === 'conflict')) throw error;
      await this.#reader.read(chain, true);
      this.#writer.forgetRing();
      await this.#writer.write(chain);
    }
    await this.#writer.sweep(chain);
  }

  /** Takes up what the shelf holds: an ending that was heard of stays, whatever its member says later. */
  #learn(): void {
    const { shelf, ports, device } = this.#deps;
    const self = toHex(device.id);
    let state = this.#permissions;
    for (const row of shelf.rows) {
      const named = parseMemberRecordName(row.id);
      const of = named && toHex(named.device);
      if (of === null || row.body.length === 0) continue;
      if (named?.kind === 'permissions' && of !== self) {
        const given = parseSharedPermissions(row.body);
        state = mergePermissions(state, givenBy(of, { counter: row.counter, given }));
      } else if (named?.kind === 'endings' && of !== self) {
        state = mergePermissions(state, endedBy(parseSharedEndings(row.body)));
      }
    }
    this.#permissions = withoutOldEndings(state, ports.clock.now());
    this.#history = null;
  }

  /** Something was published: is there anything that the others should know? */
  #look(): void {
    const { book, state } = this.#deps;
    const { permissions, history } = this.#seen;
    if (permissions === book.version && history === state.history) return;
    const isUrgent = permissions !== book.version;
    this.#seen = { permissions: book.version, history: state.history };
    if (isUrgent) this.#shareSoon();
    else this.#shareLater();
  }

  #shareSoon(): void {
    this.#deps.run(() =>
      this.#deps.inOrder(async () => {
        const chain = this.#deps.chain();
        if (chain !== null && !this.isAlone && this.#readTo !== null) await this.share(chain);
      }),
    );
  }

  /** What becomes of a decision in the meantime goes along. */
  #shareLater(): void {
    if (this.#waits) return;
    this.#waits = true;
    void this.#deps.ports.clock.after(HISTORY_AFTER_MS, this.#closed.signal).then(
      () => {
        this.#waits = false;
        this.#shareSoon();
      },
      () => undefined,
    );
  }
}
