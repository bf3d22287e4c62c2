import { requestHash } from '@palmkey/core/requests';
import type { DeviceId } from '@palmkey/envelope';
import { equal, toHex } from '@palmkey/envelope';
import type { UserKey } from '../keyring/user-key.ts';
import type { HexId } from '../model/hex-id.ts';
import type { Aftermath, Outcome, PermissionGrant } from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';
import type { RequestRow } from '../store/schema.ts';
import { Deadline } from './deadline.ts';
import type { InboxDeps, InboxParts } from './inbox-parts.ts';
import { isMutedNow, rowId } from './inbox-parts.ts';
import { InboxPost } from './inbox-post.ts';
import type { Taken } from './intake.ts';
import { Intake } from './intake.ts';
import { judgeRequest, understandText } from './judge.ts';
import { KnownKeys } from './known-keys.ts';
import { PermittedAnswers } from './permissions/permitted-answers.ts';
import { PersonDesk } from './person-desk.ts';
import { PromptBudget } from './prompt-budget.ts';
import { RequestLedger, refusal } from './request-ledger.ts';
import type { Waiting } from './request-shelf.ts';
import { RequestShelf } from './request-shelf.ts';
import { TextDesk } from './text-desk.ts';
import { Timer } from './timer.ts';
import { waitingViews } from './views/waiting-views.ts';

/** Requests on their way through the phone: asked, waiting, answered, confirmed (spec/requests.md). */
export class Inbox {
  readonly #deps: InboxDeps;
  readonly #shelf = new RequestShelf();
  readonly #budget: PromptBudget;
  readonly #ledger: RequestLedger;
  readonly #keys: KnownKeys;
  readonly #post: InboxPost;
  readonly #texts: TextDesk;
  readonly #intake: Intake;
  readonly #permitted: PermittedAnswers;
  readonly #desk: PersonDesk;
  readonly #timer: Timer;

  constructor(deps: InboxDeps) {
    const { ports, state, store, turns, book, replay, onDue } = deps;
    const { clock } = ports;
    const shelf = this.#shelf;
    this.#deps = deps;
    this.#budget = new PromptBudget(clock);
    this.#ledger = new RequestLedger({ clock, state, store, shelf, book, replay });
    this.#keys = new KnownKeys(deps);
    this.#post = new InboxPost(deps, shelf);
    this.#texts = new TextDesk({
      turns,
      replay,
      shelf,
      post: this.#post,
      onWhole: (row, text) => this.#complete(row, text),
      onWrong: (row) => this.#dropText(row),
    });
    const parts: InboxParts = {
      ...deps,
      shelf,
      ledger: this.#ledger,
      budget: this.#budget,
      post: this.#post,
      wait: (waiting) => this.#wait(waiting),
      leave: (id) => this.#texts.end(id),
      expireOne: (waiting) => this.#expireOne(waiting),
    };
    this.#intake = new Intake(parts);
    this.#permitted = new PermittedAnswers({ ...parts, refuseWaiting: (host) => this.refuseWaiting(host) });
    this.#desk = new PersonDesk(parts);
    this.#timer = new Timer(clock, () => onDue(() => this.expire()));
  }

  /** Takes up what a reload interrupted, and forgets what is old. */
  async load(): Promise<void> {
    const { ports, state } = this.#deps;
    const { clock } = ports;
    for (const row of await this.#ledger.load()) {
      const deadline = Deadline.resume(clock, row.receivedAt, row.endsAt);
      this.#shelf.keep(row, deadline);
      // Who is woken anew for each request is bothered no oftener than who looks on.
      const shown = row.permission === null && row.answer?.is !== 'refuse';
      if (shown) this.#budget.shownBefore(row.host, clock.now() - row.receivedAt);
      if (row.answer !== null || row.outcome !== null) continue;
      // What was checked before is checked again: nothing that came out of the store is taken on trust.
      const verdict = await judgeRequest(row.bytes, 0, this.#keys.judging(row.host));
      if (verdict.is !== 'wait') continue;
      this.#wait({ row, ...verdict, deadline });
    }
    await this.expire();
    // The page may have ended between a mute and what it refuses.
    for (const id of state.pairings.keys()) if (isMutedNow(this.#deps, id)) await this.refuseWaiting(id);
  }

  /**
   * A computer asks. Answers `received` at once, then repeats what was answered before, refuses, or shows it; what a
   * permission covers is answered without a word in between.
   */
  async ask(host: HexId, bytes: Uint8Array, sentAt: number): Promise<void> {
    const { book, turns } = this.#deps;
    const hash = toHex(requestHash(bytes));
    const perhaps = book.any(host);
    if (!perhaps) this.#post.received(host, hash);
    const verdict = await judgeRequest(bytes, sentAt, this.#keys.judging(host));
    const known = verdict.is === 'unreadable' || this.#shelf.get(rowId(host, verdict.request.id)) !== undefined;
    const draft = verdict.is === 'wait' && !known ? await this.#intake.draft(host, verdict) : null;
    if (perhaps && draft === null) this.#post.received(host, hash);
    const take = (): Promise<Taken> => this.#intake.take(host, hash, bytes, verdict, draft);
    const { answer, approved } = await (draft === null ? turns.exclusively(take) : turns.inTab(take));
    if (approved !== null) await this.#permitted.send(approved);
    else if (answer !== null) void this.#post.answer(host, hash, answer);
    this.#changed();
  }

  /** A part of a text comes. A text that is whole and is what was asked for is shown, or approved by a permission. */
  async part(host: HexId, hash: HexId, from: number, bytes: Uint8Array): Promise<void> {
    if (await this.#texts.part(host, hash, from, bytes)) this.#changed();
  }

  /** A request came in a message outside the time window: it is never shown, and the skew is said. */
  async refuseSkewed(host: HexId, bytes: Uint8Array, skewMs: number): Promise<void> {
    const hash = toHex(requestHash(bytes));
    const answer = await this.#deps.turns.exclusively(() => this.#intake.refuseSkewed(host, hash, skewMs));
    if (answer !== null) void this.#post.answer(host, hash, answer);
    this.#changed();
  }

  /**
   * The person decides; false where it did not count: it no longer waited, or its time was over. Signs only an approval
   * that is in time, of a paired computer, whose server's key is not changed (otherwise throws
   * {@link HostKeyChangedError}), with a key of this phone and what it signs in sight (otherwise throws
   * {@link UndecidableError}); the answer is stored before it is sent, and the permission in the same transaction.
   */
  async decide(hash: HexId, decision: Aftermath['decision'], grant?: PermissionGrant): Promise<boolean> {
    const decided = await this.#deps.turns.exclusively(() => this.#desk.decide(hash, decision, grant));
    this.#changed();
    if (decided !== null) await this.#post.answer(decided.host, hash, decided.answer);
    return decided !== null;
  }

  /** The computer says what became of a request, and by which phone. */
  async settled(host: HexId, hash: HexId, outcome: Outcome, by: DeviceId | null): Promise<void> {
    const { state, turns, device } = this.#deps;
    await turns.inTab(async () => {
      const row = this.#shelf.find(host, hash);
      if (row === undefined || row.settled) return;
      await this.#ledger.settle(row, outcome, by !== null && !equal(by, device));
      this.#texts.end(row.id);
      if (state.aftermath?.hash === hash) state.aftermath = { ...state.aftermath, state: 'confirmed', outcome };
    });
    this.#changed();
  }

  /** Sends this computer every answer again that it has not confirmed, and wants again what it has not sent. */
  async repeat(host: HexId): Promise<void> {
    for (const { hash, answer, permission } of this.#shelf.unconfirmed(host)) {
      const holds = (): boolean => this.#permitted.mayLeave(host, permission);
      if (holds()) await this.#post.answer(host, hash, answer, holds);
    }
    this.#texts.again(host);
  }

  /** Refuses everything of a computer that waits: it is muted. */
  async refuseWaiting(host: HexId): Promise<void> {
    await this.#refuseWaiting((waiting) => waiting.row.host === host, 'muted');
    this.#budget.forgetFlood(host);
    this.#changed();
  }

  /** Refuses everything that waits for a key: it was taken away. */
  async removeKey(key: UserKey): Promise<void> {
    this.#keys.remove(key);
    await this.#refuseWaiting((waiting) => waiting.key?.id === key.id, 'unknown-key');
    this.#changed();
  }

  /** Forgets every request of a computer that is no longer paired; part of the caller's turn. */
  async forgetComputer(host: HexId): Promise<void> {
    for (const { id, hash } of await this.#ledger.forgetComputer(host)) {
      this.#texts.end(id);
      this.#unconfirmed(hash);
    }
    this.#budget.forgetFlood(host);
  }

  /** Ends what has run out of time: waiting requests as `expired`, answers as unconfirmed. */
  async expire(): Promise<void> {
    await this.#deps.turns.exclusively(async () => {
      for (const waiting of this.#shelf.allWaiting()) if (waiting.deadline.isOver()) await this.#expireOne(waiting);
      for (const { hash } of this.#shelf.takeOverdue()) this.#unconfirmed(hash);
    });
    this.#changed();
  }

  /** The screens of what waits, oldest first. */
  views(): readonly RequestView[] {
    return waitingViews(this.#deps, this.#shelf.allWaiting(), (id) => this.#texts.here(id));
  }

  /** How many wait. */
  get waitingCount(): number {
    return this.#shelf.allWaiting().length;
  }

  /** Whether a request is known here, in whatever state. */
  knows(hash: HexId): boolean {
    return this.#shelf.knows(hash);
  }

  /** Whether an answer from here is not confirmed by its computer yet, and can still be. */
  get unconfirmed(): boolean {
    return this.#shelf.hasUnconfirmed;
  }

  /** What of a computer's asking was refused because it was too much. */
  flooded(host: HexId): { readonly refused: number; readonly since: number } | null {
    return this.#budget.flooded(host);
  }

  /** A piece of the text that a commit or tag would be signed as; empty while it is not here. */
  gitText(hash: HexId, from: number, length: number): { readonly text: string; readonly total: number } {
    const checked = this.#shelf.waitingFor(hash)?.subject?.checked;
    if (checked?.kind !== 'git') return { text: '', total: 0 };
    const text = checked.text();
    return { text: text.slice(from, from + length), total: text.length };
  }

  close(): void {
    this.#timer.close();
  }

  /** A text is whole: it becomes what was asked, or the request is refused. */
  async #complete(row: RequestRow, text: Uint8Array): Promise<void> {
    const waiting = this.#shelf.waiting(row.id);
    if (waiting === undefined) return;
    const subject = await understandText(row.bytes, text, this.#keys.judging(row.host));
    if (subject === null) {
      await this.#dropText(row);
      return;
    }
    const whole: Waiting = { ...waiting, subject };
    const draft = await this.#intake.draft(row.host, whole);
    const approved = await this.#deps.turns.inTab(async () => {
      if (this.#shelf.waiting(row.id) !== waiting) return false;
      this.#shelf.wait(whole);
      return draft !== null && (await this.#intake.approve(whole, draft));
    });
    if (!approved) return;
    await this.#permitted.send(whole);
    if (this.#shelf.waiting(row.id) === undefined) this.#texts.end(row.id);
  }

  /** A text that is not what the request commits to. */
  async #dropText({ id }: RequestRow): Promise<void> {
    await this.#refuseWaiting((waiting) => waiting.row.id === id, 'unparsable');
  }

  async #refuseWaiting(
    which: (waiting: Waiting) => boolean,
    code: 'muted' | 'unknown-key' | 'unparsable',
  ): Promise<void> {
    const refused = await this.#deps.turns.exclusively(async () => {
      const found = this.#shelf.allWaiting().filter(which);
      for (const waiting of found) {
        const { host, hash, id } = waiting.row;
        await this.#ledger.answer(host, hash, refusal(code), this.#ledger.shown(waiting), waiting.row);
        this.#texts.end(id);
      }
      return found;
    });
    for (const { row } of refused) void this.#post.answer(row.host, row.hash, refusal(code));
  }

  async #expireOne(waiting: Waiting): Promise<void> {
    await this.#ledger.end(waiting, { outcome: 'expired' });
    this.#texts.end(waiting.row.id);
  }

  #wait(waiting: Waiting): void {
    this.#shelf.wait(waiting);
    this.#texts.begin(waiting);
  }

  /** The answer shown last will not be confirmed any more. */
  #unconfirmed(hash: HexId): void {
    const { state } = this.#deps;
    if (state.aftermath?.hash !== hash || state.aftermath.state !== 'sending') return;
    state.aftermath = { ...state.aftermath, state: 'unconfirmed' };
  }

  /** Shows what is new, and sets the timer for what ends next. */
  #changed(): void {
    const { state, book } = this.#deps;
    state.publish();
    const ends = [this.#shelf.nextMs(), book.nextMs()].filter((ms) => ms !== null);
    this.#timer.set(ends.length === 0 ? null : Math.min(...ends));
  }
}
