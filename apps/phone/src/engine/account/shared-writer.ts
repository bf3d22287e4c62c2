import {
  encodeHistoryChunk,
  encodeSharedEndings,
  encodeSharedPermissions,
  HISTORY_CHUNKS,
  type HistoryRing,
  KEEP_ENDING_MS,
  MAX_SHARED_ENDINGS,
  type MemberRecordKind,
  memberRecordName,
  parseHistoryChunk,
  parseMemberRecordName,
  parseSharedEndings,
  parseSharedPermissions,
  recordOfTurn,
  sealMemberRecord,
  type SharedEnding,
  withLines,
} from '@palmkey/core/account';
import { FormatError } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { equal, RelayError, toHex } from '@palmkey/envelope';
import type { SharedRow } from '../../store/schema.ts';
import type { PermissionBook } from '../permissions/permission-book.ts';
import type { PhoneState } from '../phone-state.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import type { Account } from './account.ts';
import { sharedLine, sharedPermission } from './shared-rows.ts';
import type { SharedShelf } from './shared-shelf.ts';

/** So many decisions of the newest are looked at, more than a ring holds. */
const SHARED_LINES = 256;
/** The histories of so many members that were revoked last are kept. */
const KEPT_HISTORIES = 8;

/** What writing works with. */
export interface SharedWriterDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'clock'>;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly shelf: SharedShelf;
  readonly book: PermissionBook;
  readonly state: PhoneState;
}

/** Writes this device's own records, and takes those of members away that were revoked. */
export class SharedWriter {
  readonly #deps: SharedWriterDeps;
  #ring: HistoryRing | null = null;

  constructor(deps: SharedWriterDeps) {
    this.#deps = deps;
  }

  /** Rejects with `conflict` where another stands there than was read, with what else the relay says, and a StoreError. */
  async write(chain: ChainOrders): Promise<void> {
    const { account } = this.#deps;
    const key = account.perUserKey;
    if (key === undefined) return;
    await this.#prepare();
    for (const row of this.#own()) {
      if (row.sent && row.generation === key.generation) continue;
      const { shelf, ports, device } = this.#deps;
      // On disk first: no counter stands for two contents.
      const next = { ...row, counter: row.counter + 1, generation: key.generation, sent: false };
      await shelf.save({ put: [next] });
      const bytes = await sealMemberRecord(ports.primitives, account.state, key, device, row.id, next);
      const revision = await chain.write({ name: row.id, revision: row.revision, bytes });
      const now = shelf.get(row.id);
      const isAsSent = now !== undefined && equal(now.body, next.body);
      await shelf.save({ put: [{ ...(now ?? next), revision, sent: isAsSent }] });
    }
  }

  /** Takes away what is of use to nobody any more. Rejects as {@link SharedWriter.write}. */
  async sweep(chain: ChainOrders): Promise<void> {
    const { account, shelf } = this.#deps;
    const former = account.state.revoked.filter(({ kind }) => kind === 'member');
    const last = former.toSorted((a, b) => b.revoked.seqno - a.revoked.seqno).slice(0, KEPT_HISTORIES);
    for (const { id } of former) {
      const keepsHistory = last.some((device) => equal(device.id, id));
      for (const row of shelf.of(toHex(id))) {
        if (this.#isOfUse(row, keepsHistory)) continue;
        if (row.revision > 0) await takeAway(chain, row);
        await shelf.save({ gone: [row.id] });
      }
    }
  }

  /** Permissions of other phones that are ended here: as many as a record tells beside those that wait. */
  async end(endings: readonly SharedEnding[]): Promise<void> {
    const { shelf } = this.#deps;
    const row = this.#row('endings', 0);
    const before = endingsOf(row);
    const fresh = endings.filter(({ id }) => before.every((each) => each.id !== id));
    const all = [...before, ...fresh].slice(0, MAX_SHARED_ENDINGS);
    await shelf.save({ put: [{ ...row, body: encodeSharedEndings(all), sent: false }] });
  }

  /** What was ended here, and whether the relay has it. */
  get endings(): { readonly all: readonly SharedEnding[]; readonly sent: boolean } {
    const row = this.#row('endings', 0);
    return { all: endingsOf(row), sent: row.sent };
  }

  /** Brings this device's records to what they should say now. */
  async #prepare(): Promise<void> {
    const { shelf, book, state } = this.#deps;
    const given = encodeSharedPermissions(book.views(state).map(sharedPermission));
    const endings = encodeSharedEndings(endingsOf(this.#row('endings', 0)).filter((each) => this.#isPending(each)));
    const wanted = [
      { row: this.#row('permissions', 0), body: given },
      { row: this.#row('endings', 0), body: endings },
      ...this.#historyRows(),
    ];
    const put = wanted
      .filter(({ row, body }) => !equal(row.body, body) && (row.counter > 0 || body.length > EMPTY_BYTES))
      .map(({ row, body }) => ({ ...row, body, sent: false }));
    if (put.length > 0) await shelf.save({ put });
  }

  #historyRows(): { readonly row: SharedRow; readonly body: Uint8Array }[] {
    const before = (this.#ring ??= this.#readRing());
    const decided = this.#deps.state.history.slice(0, SHARED_LINES).map(sharedLine);
    const ring = withLines(before, decided.filter((line) => line !== null).reverse());
    this.#ring = ring;
    return ring
      .filter((chunk) => !before.includes(chunk))
      .map((chunk) => ({ row: this.#row('history', recordOfTurn(chunk.turn)), body: encodeHistoryChunk(chunk) }));
  }

  /** What was taken over from the relay counts as this device's own. */
  forgetRing(): void {
    this.#ring = null;
  }

  #readRing(): HistoryRing {
    return Array.from({ length: HISTORY_CHUNKS }, (_, n) => this.#row('history', n)).flatMap(({ body }) => {
      try {
        return [parseHistoryChunk(body)];
      } catch (error) {
        if (error instanceof FormatError) return [];
        throw error;
      }
    });
  }

  /** An ending is told until its phone lists the permission no more, or nobody's clock can be before its end. */
  #isPending({ id, endsAt }: SharedEnding): boolean {
    const { ports, shelf } = this.#deps;
    if (endsAt + KEEP_ENDING_MS < ports.clock.now()) return false;
    return [...shelf.rows].some(
      (row) =>
        parseMemberRecordName(row.id)?.kind === 'permissions' &&
        parseSharedPermissions(row.body).some((given) => given.id === id),
    );
  }

  /** What a revoked member ended stays ended as long as it could hold: others may not have read it yet. */
  #isOfUse(row: SharedRow, keepsHistory: boolean): boolean {
    const now = this.#deps.ports.clock.now();
    switch (parseMemberRecordName(row.id)?.kind) {
      case 'endings':
        return endingsOf(row).some(({ endsAt }) => endsAt + KEEP_ENDING_MS >= now);
      case 'history':
        return keepsHistory;
      case 'permissions':
      case undefined:
        return false;
    }
  }

  #own(): readonly SharedRow[] {
    return this.#deps.shelf.of(toHex(this.#deps.device.id)).filter(({ body }) => body.length > 0);
  }

  #row(kind: MemberRecordKind, n: number): SharedRow {
    const id = memberRecordName({ kind, device: this.#deps.device.id, n });
    const none = { id, counter: 0, body: new Uint8Array(), generation: 0, revision: 0, sent: false };
    return this.#deps.shelf.get(id) ?? none;
  }
}

/** An empty list. */
const EMPTY_BYTES = 1;

function endingsOf({ body }: SharedRow): readonly SharedEnding[] {
  return body.length === 0 ? [] : parseSharedEndings(body);
}

async function takeAway(chain: ChainOrders, { id, revision }: SharedRow): Promise<void> {
  try {
    await chain.write({ name: id, revision, bytes: new Uint8Array() });
  } catch (error) {
    // Another member was faster.
    if (!(error instanceof RelayError && error.code === 'conflict')) throw error;
  }
}
