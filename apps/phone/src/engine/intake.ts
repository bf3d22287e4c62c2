import type { Answer } from '@palmkey/core/requests';
import type { HexId } from '../model/hex-id.ts';
import type { PermissionRow, RequestRow } from '../store/schema.ts';
import { Deadline } from './deadline.ts';
import { historyId } from './history.ts';
import type { InboxParts } from './inbox-parts.ts';
import { coverableOf, isMutedNow, rowId } from './inbox-parts.ts';
import type { Verdict, WaitVerdict } from './judge.ts';
import { NOTHING, refusal } from './request-ledger.ts';
import type { Waiting } from './request-shelf.ts';

/** How long an answer is remembered after its request ended: longer than any message that repeats it could be opened. */
const REMEMBER_MS = 2 * 60 * 60 * 1000;

/** A signature that a permission would give, made before it is decided whether it is given. */
export interface Draft {
  readonly permission: PermissionRow;
  readonly answer: Answer;
}

/** What came of a request that was taken: what to answer now, and the permission's approval among it. */
export interface Taken {
  readonly answer: Answer | null;
  /** It waits again if the permission ends before the answer has left. */
  readonly approved: Waiting | null;
}

/** What becomes of a judged request: answered, refused, approved by a permission, or shown. Part of the caller's turn. */
export class Intake {
  readonly #parts: InboxParts;

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  /** Makes the signature that a permission would give; null when none covers the request. */
  async draft(host: HexId, { subject, key }: Pick<WaitVerdict, 'subject' | 'key'>): Promise<Draft | null> {
    const { state, book, alive } = this.#parts;
    if (subject === null || key === null || !state.pairings.has(host) || !alive()) return null;
    if (isMutedNow(this.#parts, host)) return null;
    await book.settled();
    const permission = book.find({ computer: host, subject, key, pins: state.pinBook });
    if (permission === null) return null;
    const signature = await key.sign(subject.checked);
    return { permission, answer: { is: 'approve', signature, until: permission.endsAt } };
  }

  /** Stores what a judged request becomes. */
  async take(host: HexId, hash: HexId, bytes: Uint8Array, verdict: Verdict, draft: Draft | null): Promise<Taken> {
    const { ports, state } = this.#parts;
    if (!state.pairings.has(host)) return { answer: null, approved: null };
    const muted = isMutedNow(this.#parts, host);
    if (verdict.is === 'unreadable') return this.#refuse(host, hash, muted ? 'muted' : 'unparsable');
    const { request } = verdict;
    if (verdict.is === 'answer' && request.kind === 'ping') {
      // Answered alike each time, so that none is remembered: anybody on the computer may ping.
      await this.#parts.replay.flush();
      return { answer: verdict.answer, approved: null };
    }
    const id = rowId(host, request.id);
    const before = this.#parts.shelf.get(id);
    if (before !== undefined) return this.#takeAgain(before, host, hash, bytes, verdict);
    if (muted) return this.#refuse(host, hash, 'muted');
    const skew = this.#refusedSkew(host, hash);
    if (skew !== null) {
      // Its message was not acked before the page ended, and comes again to a clock that has been set.
      await this.#parts.replay.flush();
      return { answer: clockSkew(skew), approved: null };
    }
    if (this.#parts.shelf.waitingFor(hash) !== undefined) return this.#refuse(host, hash, 'id-reuse');
    if (this.#parts.shelf.isFull(host)) return this.#refuse(host, hash, 'busy');
    const lengthMs = request.expires - request.issued;
    const receivedAt = ports.clock.now();
    const endsAt = receivedAt + lengthMs;
    const row: RequestRow = {
      id, host, hash, receivedAt, endsAt, keepUntil: endsAt + REMEMBER_MS, answer: null, outcome: null, settled: false,
      bytes: new Uint8Array(bytes), permission: null,
    }; // prettier-ignore
    if (verdict.is === 'answer') {
      const asked = verdict.request.kind === 'ping' ? null : verdict.request;
      const shown = { request: asked, subject: verdict.subject, keyName: null };
      await this.#parts.ledger.answer(host, hash, verdict.answer, shown, row);
      return { answer: verdict.answer, approved: null };
    }
    const waiting: Waiting = { row, ...verdict, deadline: Deadline.start(ports.clock, lengthMs) };
    if (draft !== null && (await this.approve(waiting, draft))) return { answer: draft.answer, approved: waiting };
    return this.#show(waiting);
  }

  /**
   * What is answered to a request whose message was outside the time window by so many ms; null for one that is known
   * otherwise: an old message played again must not repaint what became of its request.
   */
  async refuseSkewed(host: HexId, hash: HexId, skewMs: number): Promise<Answer | null> {
    const { state, ledger } = this.#parts;
    const answer = clockSkew(skewMs);
    const before = state.history.find((line) => line.id === historyId(host, hash));
    if (before !== undefined) return before.refusal === 'clock-skew' ? answer : null;
    if (!isMutedNow(this.#parts, host)) await ledger.refusalLine(host, hash, answer);
    return answer;
  }

  /** The skew for which a request was refused before, ms; no row stands for it, only its line. */
  #refusedSkew(host: HexId, hash: HexId): number | null {
    const line = this.#parts.state.history.find(({ id }) => id === historyId(host, hash));
    return line?.refusal === 'clock-skew' ? line.skewMs : null;
  }

  /** Has a person decide, unless they were asked too often. */
  async #show(waiting: Waiting): Promise<Taken> {
    const { host } = waiting.row;
    if (!this.#parts.budget.take(host)) {
      // Counted, and not written down: a flood must not fill the history.
      await this.#parts.replay.flush();
      return { answer: refusal('too-many'), approved: null };
    }
    await this.#parts.ledger.shelve(waiting);
    this.#parts.wait(waiting);
    return { answer: null, approved: null };
  }

  async #takeAgain(before: RequestRow, host: HexId, hash: HexId, bytes: Uint8Array, verdict: Verdict): Promise<Taken> {
    if (before.hash !== hash) return this.#refuse(host, hash, 'id-reuse');
    await this.#parts.replay.flush();
    const waiting = this.#parts.shelf.waiting(before.id);
    if (waiting?.deadline.isOver()) await this.#parts.expireOne(waiting);
    const row = this.#parts.shelf.get(before.id) ?? before;
    const { answer, permission } = row;
    const { ports, book } = this.#parts;
    const muted = isMutedNow(this.#parts, host);
    if (answer !== null && permission !== null && (muted || !book.isLive(permission))) {
      // The permission that answered is over, or holds for nobody now: what it signed is not handed out again.
      if (muted) return { answer: refusal('muted'), approved: null };
      const deadline = Deadline.resume(ports.clock, row.receivedAt, row.endsAt);
      if (row.settled || verdict.is !== 'wait' || deadline.isOver()) return { answer: null, approved: null };
      const asked = { ...row, bytes: new Uint8Array(bytes), answer: null, permission: null };
      return this.#askInstead({ row: asked, ...verdict, deadline });
    }
    if (answer !== null) return { answer, approved: null };
    return { answer: row.outcome === 'expired' && !row.settled ? refusal('expired') : null, approved: null };
  }

  /** A person is asked what a permission answered before: as often and as seldom as they are asked anything new. */
  async #askInstead(waiting: Waiting): Promise<Taken> {
    const { shelf, budget, ledger } = this.#parts;
    const { host } = waiting.row;
    if (shelf.isFull(host)) return { answer: refusal('busy'), approved: null };
    if (!budget.take(host)) return { answer: refusal('too-many'), approved: null };
    await ledger.shelve(waiting);
    this.#parts.wait(waiting);
    return { answer: null, approved: null };
  }

  /** Refuses what gets no row of its own. */
  async #refuse(host: HexId, hash: HexId, code: 'unparsable' | 'id-reuse' | 'busy' | 'muted'): Promise<Taken> {
    const answer = refusal(code);
    if (code === 'muted') await this.#parts.replay.flush();
    else await this.#parts.ledger.answer(host, hash, answer, NOTHING, null);
    return { answer, approved: null };
  }

  /** Looks at everything again after the signature was made, then stores it. */
  async approve(waiting: Waiting, { permission, answer }: Draft): Promise<boolean> {
    const { book, alive } = this.#parts;
    const coverable = coverableOf(waiting, this.#parts.state);
    if (coverable === null || !alive() || waiting.deadline.isOver() || !book.isLive(permission.id)) return false;
    if (book.find(coverable) === null) return false;
    return this.#parts.ledger.approve(waiting, answer, permission.id);
  }
}

function clockSkew(skew: number) {
  return { is: 'refuse', code: 'clock-skew', skew } as const;
}
