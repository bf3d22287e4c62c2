import type { Answer } from '@palmkey/core/requests';
import type { UserKey } from '../keyring/user-key.ts';
import type { HexId } from '../model/hex-id.ts';
import type { RequestRow } from '../store/schema.ts';
import type { Deadline } from './deadline.ts';
import type { SigningRequest, Subject } from './judge.ts';

/** More than these of one computer at once are refused as `busy`. */
const MAX_WAITING = 32;
/** How many requests of one computer are remembered; further ones are `busy` until some are forgotten. */
const MAX_REMEMBERED = 10_000;

/** A request that a person has to decide. */
export interface Waiting {
  readonly row: RequestRow;
  readonly request: SigningRequest;
  /** Null while the text of a commit or tag is fetched. */
  readonly subject: Subject | null;
  /** Null: another phone has it. */
  readonly key: UserKey | null;
  readonly deadline: Deadline;
}

/** The stored requests, as the inbox has them in hand: all, those that wait, and those whose answer nobody confirmed. */
export class RequestShelf {
  readonly #rows = new Map<string, RequestRow>();
  /** Row ids, by computer and then hash. */
  readonly #byHash = new Map<HexId, Map<HexId, string>>();
  /** In the order they came; by row id. */
  readonly #waiting = new Map<string, Waiting>();
  /** Unconfirmed answers until their request ends; by row id. */
  readonly #outbox = new Map<string, Deadline>();

  get(id: string): RequestRow | undefined {
    return this.#rows.get(id);
  }

  find(host: HexId, hash: HexId): RequestRow | undefined {
    return this.#rows.get(this.#byHash.get(host)?.get(hash) ?? '');
  }

  ofComputer(host: HexId): readonly RequestRow[] {
    return [...(this.#byHash.get(host)?.values() ?? [])].flatMap((id) => this.#rows.get(id) ?? []);
  }

  waiting(id: string): Waiting | undefined {
    return this.#waiting.get(id);
  }

  waitingFor(hash: HexId): Waiting | undefined {
    return this.allWaiting().find(({ row }) => row.hash === hash);
  }

  /** Oldest first. */
  allWaiting(): readonly Waiting[] {
    return [...this.#waiting.values()];
  }

  /** Whether this computer's next request is one too many. */
  isFull(host: HexId): boolean {
    const waiting = this.allWaiting().filter(({ row }) => row.host === host);
    return waiting.length >= MAX_WAITING || (this.#byHash.get(host)?.size ?? 0) >= MAX_REMEMBERED;
  }

  wait(waiting: Waiting): void {
    this.#put(waiting.row);
    this.#outbox.delete(waiting.row.id);
    this.#waiting.set(waiting.row.id, waiting);
  }

  /** Takes a row as it is stored now. With a deadline that is not over, an unconfirmed answer is repeated until then. */
  keep(row: RequestRow, deadline?: Deadline): void {
    this.#put(row);
    if (row.answer !== null || row.outcome !== null) this.#waiting.delete(row.id);
    if (row.settled) this.#outbox.delete(row.id);
    else if (row.answer !== null && deadline?.isOver() === false) this.#outbox.set(row.id, deadline);
  }

  forget(id: string): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.#byHash.get(row.host)?.delete(row.hash);
    this.#rows.delete(id);
    this.#waiting.delete(id);
    this.#outbox.delete(id);
  }

  /** What this computer has not confirmed. */
  unconfirmed(host: HexId): readonly (RequestRow & { readonly answer: Answer })[] {
    return [...this.#outbox.keys()].flatMap((id) => {
      const row = this.#rows.get(id);
      return row?.host === host && row.answer !== null ? [{ ...row, answer: row.answer }] : [];
    });
  }

  get hasUnconfirmed(): boolean {
    return this.#outbox.size > 0;
  }

  /** Whether any computer asked this. */
  knows(hash: HexId): boolean {
    return [...this.#byHash.values()].some((ids) => ids.has(hash));
  }

  /** Takes the answers out whose request has ended: they are repeated no more. */
  takeOverdue(): readonly RequestRow[] {
    const overdue = [...this.#outbox].filter(([, deadline]) => deadline.isOver()).map(([id]) => id);
    for (const id of overdue) this.#outbox.delete(id);
    return overdue.flatMap((id) => this.#rows.get(id) ?? []);
  }

  /** How long until the next request ends; null when none is open. */
  nextMs(): number | null {
    const deadlines = [...this.allWaiting().map(({ deadline }) => deadline), ...this.#outbox.values()];
    return deadlines.length === 0 ? null : Math.min(...deadlines.map((deadline) => deadline.remainingMs()));
  }

  #put(row: RequestRow): void {
    this.#rows.set(row.id, row);
    const ids = this.#byHash.get(row.host) ?? new Map<HexId, string>();
    this.#byHash.set(row.host, ids.set(row.hash, row.id));
  }
}
