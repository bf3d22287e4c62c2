import type { Answer, RefusalCode } from '@palmkey/core/requests';
import { PalmkeyError, equal } from '@palmkey/envelope';
import type { HexId } from '../model/hex-id.ts';
import type { Outcome } from '../model/model.ts';
import type { HistoryRow, PermissionRow, PinRow, RequestRow } from '../store/schema.ts';
import type { Store, Transaction } from '../store/store.ts';
import { Deadline } from './deadline.ts';
import type { Ending, Shown } from './decision-record.ts';
import { historyLine } from './decision-record.ts';
import type { History } from './history.ts';
import { historyId, recordHistory } from './history.ts';
import type { PermissionBook } from './permissions/permission-book.ts';
import type { PhoneState } from './phone-state.ts';
import { joinedPin } from './pins.ts';
import type { Clock } from './ports.ts';
import type { StoredReplay } from './replay-store.ts';
import type { RequestShelf, Waiting } from './request-shelf.ts';

/** The person's approval cannot be carried out: the server's key is not the pinned one. */
export class HostKeyChangedError extends PalmkeyError {
  override readonly name = 'HostKeyChangedError';
  readonly code = 'host-key-changed';

  constructor() {
    super('not the pinned key');
  }
}

/** What the ledger writes to. */
export interface LedgerDeps {
  readonly clock: Clock;
  readonly state: PhoneState;
  readonly store: Store;
  readonly shelf: RequestShelf;
  readonly book: PermissionBook;
  readonly replay: StoredReplay;
}

/** An answer of a person, and what it leaves behind. */
export interface PersonsAnswer {
  readonly answer: Answer;
  readonly outcome: Outcome;
  readonly pin: PinRow | null;
  readonly permission: PermissionRow | null;
}

type Refusal = Answer & { readonly is: 'refuse' };

/**
 * What is written of requests: each step one transaction, which also stores the number of the message that it acts on,
 * and what is remembered of it. Every method is part of the caller's turn.
 */
export class RequestLedger {
  readonly #deps: LedgerDeps;

  constructor(deps: LedgerDeps) {
    this.#deps = deps;
  }

  /** Forgets what is old; returns the rest, oldest first. */
  async load(): Promise<readonly RequestRow[]> {
    const now = this.#deps.clock.now();
    const rows = await this.#deps.store.transact('write', ['requests'], async (transaction) => {
      const all = await transaction.all('requests');
      for (const row of all) if (row.keepUntil < now) await transaction.delete('requests', row.id);
      return all.filter((row) => row.keepUntil >= now);
    });
    return rows.toSorted((a, b) => a.receivedAt - b.receivedAt);
  }

  /** From now on it waits for a person. */
  async shelve(waiting: Waiting): Promise<void> {
    const { store, replay, shelf } = this.#deps;
    await store.transact('write', ['requests', 'replay'], async (transaction) => {
      await replay.store(transaction);
      await transaction.put('requests', waiting.row);
    });
    shelf.wait(waiting);
  }

  /** Keeps the phone's own answer: beside the request when it has a row to stand in, and as a line when it refuses. */
  async answer(host: HexId, hash: HexId, answer: Answer, shown: Shown, row: RequestRow | null): Promise<void> {
    const { state, shelf, clock } = this.#deps;
    const answered = row === null ? null : { ...row, bytes: new Uint8Array(), answer };
    const known = state.history.some((line) => line.id === historyId(host, hash));
    await this.#write(['requests', 'history', 'replay'], async (transaction) => {
      if (answered !== null) await transaction.put('requests', answered);
      if (answer.is !== 'refuse' || known) return state.history;
      const line = this.#line(host, hash, shown, refusalLine(answer));
      return recordHistory(transaction, state.history, line);
    });
    if (answered !== null) shelf.keep(answered, Deadline.start(clock, answered.endsAt - answered.receivedAt));
  }

  /** A line of its own for a refusal that no request stands behind. */
  async refusalLine(host: HexId, hash: HexId, refusal: Refusal): Promise<void> {
    const { state } = this.#deps;
    const line = this.#line(host, hash, NOTHING, refusalLine(refusal));
    await this.#write(['history'], (transaction) => recordHistory(transaction, state.history, line));
  }

  /**
   * Stores an approval that a permission gave, with its use: all that another tab could have changed since is looked at
   * again in the same transaction. False when something was, and nothing is written of it then.
   */
  async approve(waiting: Waiting, answer: Answer, permission: HexId): Promise<boolean> {
    const { state, store, shelf, book, replay } = this.#deps;
    const { row, deadline } = waiting;
    const answered: RequestRow = { ...row, bytes: new Uint8Array(), answer, permission };
    const tables = ['requests', 'pairings', 'permissions', 'history', 'replay'] as const;
    const history = await store.transact('write', tables, async (transaction) => {
      // Asked for all at once: each question costs a way to the browser's store and back.
      const [kept, pairing, given] = await Promise.all([
        transaction.get('requests', row.id),
        transaction.get('pairings', row.host),
        transaction.get('permissions', permission),
        replay.store(transaction),
      ]);
      if (kept !== undefined && (kept.answer !== null || kept.outcome !== null)) return null;
      if (pairing === undefined || isMuted(pairing.mutedUntil, this.#deps.clock.now())) return null;
      if (!(await book.use(transaction, given))) return null;
      await transaction.put('requests', answered);
      const ending = { outcome: 'approved', signed: true, by: 'permission' } as const;
      return recordHistory(transaction, state.history, this.#lineOf(waiting, ending));
    });
    if (history === null) return false;
    state.history = history;
    shelf.keep(answered, deadline);
    return true;
  }

  /** The permission was ended before its answer left: the request waits for a person, and nothing was signed. */
  async unapprove(waiting: Waiting): Promise<void> {
    const { state, store, shelf } = this.#deps;
    const id = historyId(waiting.row.host, waiting.row.hash);
    await store.transact('write', ['requests', 'history'], async (transaction) => {
      await transaction.put('requests', waiting.row);
      await transaction.delete('history', id);
    });
    state.history = state.history.filter((line) => line.id !== id);
    shelf.wait(waiting);
  }

  /**
   * Stores a person's answer, the pin and the permission with it. False when another tab answered or unpaired since;
   * throws {@link HostKeyChangedError} when it pinned another key.
   */
  async decide(waiting: Waiting, { answer, outcome, pin, permission }: PersonsAnswer): Promise<boolean> {
    const { state, store, shelf, book } = this.#deps;
    const { row, deadline } = waiting;
    const answered: RequestRow = { ...row, bytes: new Uint8Array(), answer };
    const tables = ['requests', 'pairings', 'pins', 'permissions', 'history'] as const;
    const stored = await store.transact('write', tables, async (transaction) => {
      const kept = await transaction.get('requests', row.id);
      if (kept?.answer !== null || kept.outcome !== null) return null;
      if ((await transaction.get('pairings', row.host)) === undefined) return null;
      const joined = pin === null ? null : await joinPin(transaction, pin);
      if (permission !== null) await transaction.put('permissions', permission);
      await transaction.put('requests', answered);
      const line = this.#lineOf(waiting, { outcome, signed: answer.is === 'approve', by: 'person' });
      return { joined, history: await recordHistory(transaction, state.history, line) };
    });
    if (stored === null) return false;
    state.history = stored.history;
    if (stored.joined !== null) state.pins.set(stored.joined.id, stored.joined);
    if (permission !== null) book.add(permission);
    shelf.keep(answered, deadline);
    return true;
  }

  /** The computer's word on what became of a request. `byOther`: another phone's answer it was. */
  async settle(row: RequestRow, outcome: Outcome, byOther: boolean): Promise<void> {
    const { state, shelf } = this.#deps;
    const ended: RequestRow = { ...row, bytes: new Uint8Array(), outcome, settled: true };
    const before = state.history.find((line) => line.id === historyId(row.host, row.hash));
    const waiting = shelf.waiting(row.id);
    await this.#write(['requests', 'history', 'replay'], async (transaction) => {
      await transaction.put('requests', ended);
      if (before !== undefined) {
        const line = settledLine(before, row, outcome, byOther);
        return recordHistory(transaction, state.history, line);
      }
      // A ping leaves no line.
      if (waiting === undefined) return state.history;
      const line = this.#lineOf(waiting, { outcome, by: byOther ? 'other-phone' : null });
      return recordHistory(transaction, state.history, line);
    });
    shelf.keep(ended);
  }

  /** It ran out of time, or its key or computer is gone: it ends without an answer of a person. */
  async end(waiting: Waiting, ending: Ending): Promise<void> {
    const { state, shelf } = this.#deps;
    const ended: RequestRow = { ...waiting.row, bytes: new Uint8Array(), outcome: ending.outcome };
    await this.#write(['requests', 'history'], async (transaction) => {
      await transaction.put('requests', ended);
      return recordHistory(transaction, state.history, this.#lineOf(waiting, ending));
    });
    shelf.keep(ended);
  }

  /** Forgets all requests of a computer that is no longer paired. */
  async forgetComputer(host: HexId): Promise<readonly RequestRow[]> {
    const { state, shelf } = this.#deps;
    const rows = shelf.ofComputer(host);
    await this.#write(['requests', 'history'], async (transaction) => {
      let { history } = state;
      for (const { id } of rows) {
        await transaction.delete('requests', id);
        const waiting = shelf.waiting(id);
        if (waiting === undefined) continue;
        history = await recordHistory(transaction, history, this.#lineOf(waiting, { outcome: 'withdrawn' }));
      }
      return history;
    });
    for (const { id } of rows) shelf.forget(id);
    return rows;
  }

  /** What the history can tell of a request. */
  shown({ request, subject, key }: Pick<Waiting, 'request' | 'subject' | 'key'>): Shown {
    const { keys } = this.#deps.state;
    return { request, subject, keyName: keys.find(({ id }) => id === key?.id)?.name ?? key?.name ?? null };
  }

  #lineOf(waiting: Waiting, ending: Ending): HistoryRow {
    return this.#line(waiting.row.host, waiting.row.hash, this.shown(waiting), ending);
  }

  #line(host: HexId, hash: HexId, shown: Shown, ending: Ending): HistoryRow {
    const { clock, state } = this.#deps;
    const about = { host, hash, at: clock.now(), computer: state.computerName(host) };
    // What was signed once stays signed, whatever is said of the same request afterwards.
    const signed = state.history.some((line) => line.id === historyId(host, hash) && line.signed);
    return historyLine(about, shown, signed ? { ...ending, signed } : ending);
  }

  async #write(
    tables: readonly ('requests' | 'history' | 'replay')[],
    work: (transaction: Transaction) => Promise<History> | History,
  ): Promise<void> {
    const { state, store, replay } = this.#deps;
    state.history = await store.transact('write', tables, async (transaction) => {
      if (tables.includes('replay')) await replay.store(transaction);
      return work(transaction);
    });
  }
}

/** Nothing is known of what was asked. */
export const NOTHING: Shown = { request: null, subject: null, keyName: null };

/** Whether a computer may not ask now. */
export function isMuted(mutedUntil: number | null, now: number): boolean {
  return mutedUntil !== null && now < mutedUntil;
}

/** A refusal that has no skew to tell. */
export function refusal(code: Exclude<RefusalCode, 'clock-skew'>): Refusal {
  return { is: 'refuse', code, skew: null };
}

async function joinPin(transaction: Transaction, pin: PinRow): Promise<PinRow> {
  const kept = await transaction.get('pins', pin.id);
  if (kept !== undefined && !equal(kept.hostKey, pin.hostKey)) throw new HostKeyChangedError();
  const joined = joinedPin(kept, pin);
  await transaction.put('pins', joined);
  return joined;
}

function refusalLine({ code, skew }: Refusal) {
  return { outcome: 'refused', refusal: code, skewMs: skew } as const;
}

/** What this phone refused stays refused here; who decided is another phone where the answer that counted was its. */
function settledLine(before: HistoryRow, row: RequestRow, outcome: Outcome, byOther: boolean): HistoryRow {
  return {
    ...before,
    outcome: before.outcome === 'refused' ? before.outcome : outcome,
    by: byOther && before.outcome !== 'refused' ? 'other-phone' : before.by,
    confirmed: row.answer !== null,
  };
}
