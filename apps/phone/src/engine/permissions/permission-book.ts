import { MAX_SHARED_PERMISSIONS } from '@palmkey/core/account';
import { equal, toHex } from '@palmkey/envelope';
import type { HexId } from '../../model/hex-id.ts';
import type { PermissionGrant, PermissionView } from '../../model/model.ts';
import { PERMISSION_MINUTES } from '../../model/model.ts';
import type { PermissionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import { Deadline } from '../deadline.ts';
import { knownName } from '../pins.ts';
import type { PhoneState } from '../phone-state.ts';
import type { Clock } from '../ports.ts';
import type { Coverable, Grantable } from './coverage.ts';
import { covers } from './coverage.ts';

/** A row is kept so long after its end: longer than any copy of it could come back and hold. */
const KEEP_AFTER_END_MS = 24 * 60 * 60_000;
/** A clock that stands so far behind a time that was seen already has been set back. */
const SET_BACK_MS = 60_000;

interface Entry {
  row: PermissionRow;
  readonly deadline: Deadline;
}

/**
 * The permissions that hold, in hand: each until the earlier end of the two clocks. Only what can be ended is done here
 * alone; what is given or used is written by whoever decides, in the same transaction.
 */
export class PermissionBook {
  readonly #clock: Clock;
  readonly #entries = new Map<HexId, Entry>();
  /** Whether permissions answer now: not while another phone may have ended one of them unread. */
  mayAnswer: () => boolean = () => true;
  /** Resolves when nothing is being read that says so. */
  settled: () => Promise<void> = () => Promise.resolve();
  /** Counts what was given and ended. */
  version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes the stored rows up. `seenAt` is the latest time that anything stored tells of: when the clock stands before
   * it, it was set back, and every permission has ended. Returns the ids of rows that can be forgotten.
   */
  load(rows: readonly PermissionRow[], seenAt: number): readonly HexId[] {
    const now = this.#clock.now();
    const forget: HexId[] = [];
    for (const row of rows) {
      if (row.endsAt + KEEP_AFTER_END_MS < now) forget.push(row.id);
      const setBack = now < Math.max(seenAt, row.createdAt) - SET_BACK_MS;
      if (setBack || row.revokedAt !== null) continue;
      const leftMs = row.endsAt - Math.max(now, seenAt);
      this.#keep(row, Math.min(leftMs, row.endsAt - row.createdAt));
    }
    return forget;
  }

  /** A new row; it is added once it is stored. */
  grant(computer: HexId, { scope, key }: Grantable, minutes: PermissionGrant['minutes']): PermissionRow {
    const now = this.#clock.now();
    const id = toHex(crypto.getRandomValues(new Uint8Array(16)));
    const endsAt = now + minutes * 60_000;
    return { id, computer, scope, key, createdAt: now, endsAt, revokedAt: null, uses: 0, lastUsedAt: null };
  }

  /** Whether as many hold as there may be: the other phones list all of them. */
  get isFull(): boolean {
    return [...this.#entries.values()].filter(({ deadline }) => !deadline.isOver()).length >= MAX_SHARED_PERMISSIONS;
  }

  /** From now on it holds. */
  add(row: PermissionRow): void {
    this.version += 1;
    this.#keep(row, row.endsAt - row.createdAt);
  }

  /** Whether any permission of the computer holds, and may answer. */
  any(computer: HexId): boolean {
    if (!this.mayAnswer()) return false;
    return [...this.#entries.values()].some(({ row, deadline }) => row.computer === computer && !deadline.isOver());
  }

  /** The permission that covers the request and holds longest. */
  find(request: Coverable): PermissionRow | null {
    let best: PermissionRow | null = null;
    if (!this.mayAnswer()) return null;
    for (const { row, deadline } of this.#entries.values()) {
      if (deadline.isOver() || !covers(row, request)) continue;
      if (best === null || row.endsAt > best.endsAt) best = row;
    }
    return best;
  }

  /** Whether it holds at this very moment, and may answer. */
  isLive(id: HexId): boolean {
    return this.mayAnswer() && this.#entries.get(id)?.deadline.isOver() === false;
  }

  /**
   * Notes a use of a permission as the caller's transaction over `permissions` has it; false, and nothing written, when
   * it was ended there or here.
   */
  async use(transaction: Transaction, row: PermissionRow | undefined): Promise<boolean> {
    const entry = this.#entries.get(row?.id ?? '');
    if (row?.revokedAt !== null || entry?.deadline.isOver() !== false || !this.mayAnswer()) return false;
    const used = { ...row, uses: row.uses + 1, lastUsedAt: this.#clock.now() };
    await transaction.put('permissions', used);
    entry.row = used;
    return true;
  }

  /** Ends them in hand, at once and before anything is stored. */
  drop(ids: readonly HexId[]): void {
    if (ids.length > 0) this.version += 1;
    for (const id of ids) this.#entries.delete(id);
  }

  /** Marks them as ended for good, as part of a write transaction over `permissions`. */
  async revoke(transaction: Transaction, ids: readonly HexId[]): Promise<void> {
    for (const id of ids) {
      const row = await transaction.get('permissions', id);
      if (row?.revokedAt === null) await transaction.put('permissions', { ...row, revokedAt: this.#clock.now() });
    }
  }

  /** The ids of those that hold and that `which` picks. */
  ids(which: (row: PermissionRow) => boolean = () => true): readonly HexId[] {
    return [...this.#entries.values()].filter(({ row }) => which(row)).map(({ row }) => row.id);
  }

  /** How long until the next one ends; null when none holds. What is over is let go of. */
  nextMs(): number | null {
    for (const [id, { deadline }] of this.#entries) if (deadline.isOver()) this.#entries.delete(id);
    const left = [...this.#entries.values()].map(({ deadline }) => deadline.remainingMs());
    return left.length === 0 ? null : Math.min(...left);
  }

  /** What holds, ending soonest first. */
  views(state: PhoneState): readonly PermissionView[] {
    return [...this.#entries.values()]
      .filter(({ deadline }) => !deadline.isOver())
      .map(({ row }) => viewOf(row, state))
      .toSorted((a, b) => a.endsAt - b.endsAt);
  }

  #keep(row: PermissionRow, leftMs: number): void {
    if (leftMs > 0) this.#entries.set(row.id, { row, deadline: Deadline.start(this.#clock, leftMs) });
  }
}

/** Whether it is one of the lengths that can be chosen. */
export function isPermissionLength(minutes: number): boolean {
  return PERMISSION_MINUTES.some((allowed) => allowed === minutes);
}

/** The servers on the way by their names, where this computer has told them. */
function throughWords(hops: readonly Uint8Array[], computer: HexId, state: PhoneState): string | null {
  if (hops.length === 0) return null;
  const known = hops.map((hop) => knownName(hop, computer, state.pinBook));
  return known.map(({ name, fingerprint }) => name ?? fingerprint).join(' → ');
}

function viewOf(row: PermissionRow, state: PhoneState): PermissionView {
  const { id, scope, createdAt, endsAt, uses, lastUsedAt, key } = row;
  const name = key === null ? null : (state.keys.find(({ blob }) => equal(blob, key))?.name ?? null);
  return {
    id,
    phone: null,
    ending: false,
    computer: { id: row.computer, name: state.computerName(row.computer) },
    scope:
      scope.is === 'server'
        ? {
            is: 'server',
            host: { name: scope.name, port: scope.port },
            user: scope.user,
            through: throughWords(scope.hops, row.computer, state),
          }
        : { is: scope.is },
    keyName: name,
    createdAt,
    endsAt,
    uses,
    lastUsedAt,
  };
}
