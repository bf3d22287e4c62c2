import type { Answer } from '@palmkey/core/requests';
import { parseRequestHash, requestHash } from '@palmkey/core/requests';
import type { DeviceId } from '@palmkey/envelope';
import { equal, fromHex, toHex } from '@palmkey/envelope';
import type { UserKey } from '../keyring/user-key.ts';
import type { HexId } from '../model/hex-id.ts';
import type { Aftermath, Outcome, PermissionGrant } from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';
import type { RequestRow } from '../store/schema.ts';
import { answerFor } from './answer-for.ts';
import { Deadline } from './deadline.ts';
import { GitTexts, partsOf } from './git-texts.ts';
import type { InboxDeps, InboxParts } from './inbox-parts.ts';
import { canPass, coverableOf, rowId } from './inbox-parts.ts';
import type { Taken } from './intake.ts';
import { Intake } from './intake.ts';
import type { Judging } from './judge.ts';
import { judgeRequest, understandText } from './judge.ts';
import { offersOf } from './permissions/coverage.ts';
import { PersonDesk } from './person-desk.ts';
import { PromptBudget } from './prompt-budget.ts';
import { RequestLedger, isMuted, refusal } from './request-ledger.ts';
import type { Waiting } from './request-shelf.ts';
import { RequestShelf } from './request-shelf.ts';
import { requestView } from './views/request-view.ts';

/** How long an answer may wait at the relay, at least: the computer's clock is not this one. */
const MIN_ANSWER_MS = 10_000;
/** So many parts may be taken before their numbers are stored: taking one again does nothing. */
const MAX_UNSTORED = 64;

/** Requests on their way through the phone: asked, waiting, answered, confirmed (spec/requests.md). */
export class Inbox {
  readonly #deps: InboxDeps;
  readonly #shelf = new RequestShelf();
  readonly #texts = new GitTexts();
  readonly #budget: PromptBudget;
  readonly #ledger: RequestLedger;
  readonly #intake: Intake;
  readonly #desk: PersonDesk;
  /** Keys that were taken away while this page is open: a computer may not know yet. */
  readonly #removedKeys: Uint8Array[] = [];
  #alarm = new AbortController();

  constructor(deps: InboxDeps) {
    const { ports, state, store, book, replay } = deps;
    this.#deps = deps;
    this.#budget = new PromptBudget(ports.clock);
    this.#ledger = new RequestLedger({ clock: ports.clock, state, store, shelf: this.#shelf, book, replay });
    const parts: InboxParts = {
      ...deps,
      shelf: this.#shelf,
      ledger: this.#ledger,
      budget: this.#budget,
      wait: (waiting) => this.#wait(waiting),
      leave: (id) => this.#leave(id),
      expireOne: (waiting) => this.#expireOne(waiting),
    };
    this.#intake = new Intake(parts);
    this.#desk = new PersonDesk(parts);
  }

  /** Takes up what a reload interrupted, and forgets what is old. */
  async load(): Promise<void> {
    const { clock } = this.#deps.ports;
    for (const row of await this.#ledger.load()) {
      const deadline = Deadline.resume(clock, row.receivedAt, row.endsAt);
      this.#shelf.keep(row, deadline);
      // Who is woken anew for each request is bothered no oftener than who looks on.
      const shown = row.permission === null && row.answer?.is !== 'refuse';
      if (shown) this.#budget.shownBefore(row.host, clock.now() - row.receivedAt);
      if (row.answer !== null || row.outcome !== null) continue;
      // What was checked before is checked again: nothing that came out of the store is taken on trust.
      const verdict = await judgeRequest(row.bytes, 0, this.#judging(row.host));
      if (verdict.is !== 'wait') continue;
      this.#wait({ row, ...verdict, deadline });
    }
    await this.expire();
    // The page may have ended between a mute and what it refuses.
    for (const id of this.#deps.state.pairings.keys()) if (this.#isMuted(id)) await this.refuseWaiting(id);
  }

  /**
   * A computer asks. Answers `received` at once, then repeats what was answered before, refuses, or shows it; what a
   * permission covers is answered without a word in between.
   */
  async ask(host: HexId, bytes: Uint8Array, sentAt: number): Promise<void> {
    const { send, book, turns } = this.#deps;
    const hash = requestHash(bytes);
    const perhaps = book.any(host);
    if (!perhaps) void send(host, { kind: 'received', hash });
    const verdict = await judgeRequest(bytes, sentAt, this.#judging(host));
    const known = verdict.is === 'unreadable' || this.#shelf.get(rowId(host, verdict.request.id)) !== undefined;
    const draft = verdict.is === 'wait' && !known ? await this.#intake.draft(host, verdict) : null;
    if (perhaps && draft === null) void send(host, { kind: 'received', hash });
    const take = (): Promise<Taken> => this.#intake.take(host, toHex(hash), bytes, verdict, draft);
    const { answer, approved } = await (draft === null ? turns.exclusively(take) : turns.inTab(take));
    if (approved !== null) await this.#sendApproval(approved);
    else if (answer !== null) void this.#answer(host, toHex(hash), answer);
    this.#changed();
  }

  /** A part of a text comes. A text that is whole and is what was asked for is shown, or approved by a permission. */
  async part(host: HexId, hash: HexId, from: number, bytes: Uint8Array): Promise<void> {
    const { turns, replay } = this.#deps;
    const row = this.#shelf.find(host, hash);
    if (row === undefined) return;
    const verdict = this.#texts.take(row.id, from, bytes);
    switch (verdict.is) {
      case 'ignored':
        return;
      case 'more':
        if (replay.unstored > MAX_UNSTORED) await replay.flush();
        for (const offset of verdict.wants) this.#want(host, hash, offset);
        break;
      case 'wrong':
        await this.#dropText(row);
        break;
      case 'text':
        await turns.inTab(() => replay.flush());
        await this.#complete(row, verdict.bytes);
        break;
    }
    this.#changed();
  }

  /** A request came in a message outside the time window: it is never shown, and the skew is said. */
  async refuseSkewed(host: HexId, bytes: Uint8Array, skewMs: number): Promise<void> {
    const hash = toHex(requestHash(bytes));
    const answer = await this.#deps.turns.exclusively(() => this.#intake.refuseSkewed(host, hash, skewMs));
    if (answer !== null) void this.#answer(host, hash, answer);
    this.#changed();
  }

  /**
   * The person decides. Does nothing for what no longer waits. Signs only an approval that is in time, of a paired
   * computer, whose server's key is not changed (otherwise throws {@link HostKeyChangedError}), with a key of this phone
   * and what it signs in sight (otherwise throws {@link UndecidableError}); the answer is stored before it is sent, and
   * the permission in the same transaction.
   */
  async decide(hash: HexId, decision: Aftermath['decision'], grant?: PermissionGrant): Promise<void> {
    const decided = await this.#deps.turns.exclusively(() => this.#desk.decide(hash, decision, grant));
    this.#changed();
    if (decided !== null) await this.#answer(decided.host, hash, decided.answer);
  }

  /** The computer says what became of a request, and by which phone. */
  async settled(host: HexId, hash: HexId, outcome: Outcome, by: DeviceId | null): Promise<void> {
    const { state, turns, device } = this.#deps;
    await turns.inTab(async () => {
      const row = this.#shelf.find(host, hash);
      if (row === undefined || row.settled) return;
      await this.#ledger.settle(row, outcome, by !== null && !equal(by, device));
      this.#leave(row.id);
      if (state.aftermath?.hash === hash) state.aftermath = { ...state.aftermath, state: 'confirmed', outcome };
    });
    this.#changed();
  }

  /** Sends this computer every answer again that it has not confirmed, and wants again what it has not sent. */
  async repeat(host: HexId): Promise<void> {
    const { book, alive } = this.#deps;
    for (const { hash, answer, permission } of this.#shelf.unconfirmed(host)) {
      const holds = (): boolean =>
        alive() && (permission === null || (book.isLive(permission) && !this.#isMuted(host)));
      if (holds()) await this.#answer(host, hash, answer, holds);
    }
    for (const { id, from } of this.#texts.again(host)) {
      const row = this.#shelf.get(id);
      if (row !== undefined) this.#want(host, row.hash, from);
    }
  }

  /** Refuses everything of a computer that waits: it is muted. */
  async refuseWaiting(host: HexId): Promise<void> {
    await this.#refuseWaiting((waiting) => waiting.row.host === host, 'muted');
    this.#budget.forgetFlood(host);
    this.#changed();
  }

  /** Refuses everything that waits for a key: it was taken away. */
  async removeKey(key: UserKey): Promise<void> {
    this.#removedKeys.push(key.blob);
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
    const { state } = this.#deps;
    return this.#shelf.allWaiting().flatMap((waiting) => {
      const { row, key } = waiting;
      const coverable = coverableOf(waiting, state);
      const view = requestView(waiting, {
        computer: { id: row.host, name: state.computerName(row.host) },
        // Its name may have changed since.
        keyName: state.keys.find(({ id }) => id === key?.id)?.name ?? key?.name ?? '',
        pins: state.pinBook,
        offers: coverable === null || this.#deps.book.isFull ? [] : offersOf(coverable),
        canPass: canPass(waiting, this.#deps.protocol),
        here: this.#texts.here(row.id) ?? 0,
      });
      return view === null ? [] : [view];
    });
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
    this.#alarm.abort();
  }

  /** Hands an approval by permission out, unless the permission ended up to this moment: then a person is asked. */
  async #sendApproval(waiting: Waiting): Promise<void> {
    const { book, alive, turns } = this.#deps;
    const { id, host, hash } = waiting.row;
    const row = this.#shelf.get(id);
    if (row?.answer == null || row.permission === null) return;
    const { answer, permission } = row;
    await book.settled();
    const sent = await this.#answer(host, hash, answer, () => {
      const here = coverableOf(waiting, this.#deps.state) !== null;
      return here && alive() && book.isLive(permission) && !this.#isMuted(host);
    });
    if (sent || !alive() || this.#shelf.get(id)?.settled !== false) return;
    await turns.exclusively(() => this.#ledger.unapprove(waiting));
    if (this.#isMuted(host)) return this.refuseWaiting(host);
    void this.#deps.send(host, { kind: 'received', hash: parseRequestHash(fromHex(hash)) });
  }

  /** A text is whole: it becomes what was asked, or the request is refused. */
  async #complete(row: RequestRow, text: Uint8Array): Promise<void> {
    const { turns } = this.#deps;
    const waiting = this.#shelf.waiting(row.id);
    if (waiting === undefined) return;
    const subject = await understandText(row.bytes, text, this.#judging(row.host));
    if (subject === null) {
      await this.#dropText(row);
      return;
    }
    const whole: Waiting = { ...waiting, subject };
    const draft = await this.#intake.draft(row.host, whole);
    const approved = await turns.inTab(async () => {
      if (this.#shelf.waiting(row.id) !== waiting) return false;
      this.#shelf.wait(whole);
      return draft !== null && (await this.#intake.approve(whole, draft));
    });
    if (!approved) return;
    await this.#sendApproval(whole);
    if (this.#shelf.waiting(row.id) === undefined) this.#leave(row.id);
  }

  /** A text that is not what the request commits to. */
  async #dropText({ id }: RequestRow): Promise<void> {
    await this.#refuseWaiting((waiting) => waiting.row.id === id, 'unparsable');
  }

  async #refuseWaiting(which: (waiting: Waiting) => boolean, code: 'muted' | 'unknown-key' | 'unparsable') {
    const refused = await this.#deps.turns.exclusively(async () => {
      const found = this.#shelf.allWaiting().filter(which);
      for (const waiting of found) {
        const { host, hash, id } = waiting.row;
        await this.#ledger.answer(host, hash, refusal(code), this.#ledger.shown(waiting), waiting.row);
        this.#leave(id);
      }
      return found;
    });
    for (const { row } of refused) void this.#answer(row.host, row.hash, refusal(code));
  }

  async #expireOne(waiting: Waiting): Promise<void> {
    await this.#ledger.end(waiting, { outcome: 'expired' });
    this.#leave(waiting.row.id);
  }

  #wait(waiting: Waiting): void {
    const { row, request, subject } = waiting;
    this.#shelf.wait(waiting);
    const parts = request.kind === 'git-sign' && subject === null ? partsOf(request) : null;
    if (parts === null) return;
    const wants = this.#texts.begin({ id: row.id, host: row.host, size: parts.size });
    for (const from of wants) this.#want(row.host, row.hash, from);
  }

  /** It waits no more: its text can go, and the next one's turn comes. */
  #leave(id: string): void {
    for (const next of this.#texts.end(id)) {
      const row = this.#shelf.get(next.id);
      if (row !== undefined) this.#want(row.host, row.hash, next.from);
    }
  }

  #want(host: HexId, hash: HexId, from: number): void {
    void this.#deps.send(host, { kind: 'want', hash: parseRequestHash(fromHex(hash)), from });
  }

  /** Says an answer in words that the computer knows. */
  async #answer(host: HexId, hash: HexId, answer: Answer, still?: () => boolean): Promise<boolean> {
    const protocol = this.#deps.protocol(host);
    if (protocol === null) return true;
    const said = {
      kind: 'decision',
      hash: parseRequestHash(fromHex(hash)),
      answer: answerFor(protocol, answer),
    } as const;
    // It waits at the relay for a computer that is away, no longer than it counts. The ledger is its outbox: what a
    // permission gave must not leave once that has ended.
    const endsAt = this.#shelf.find(host, hash)?.endsAt ?? 0;
    const lifetimeMs = Math.max(MIN_ANSWER_MS, endsAt - this.#deps.ports.clock.now());
    return this.#deps.send(host, said, { lifetimeMs, durable: 'once' }, still);
  }

  /** The answer shown last will not be confirmed any more. */
  #unconfirmed(hash: HexId): void {
    const { state } = this.#deps;
    if (state.aftermath?.hash !== hash || state.aftermath.state !== 'sending') return;
    state.aftermath = { ...state.aftermath, state: 'unconfirmed' };
  }

  #isMuted(host: HexId): boolean {
    const { ports, state } = this.#deps;
    return isMuted(state.pairings.get(host)?.mutedUntil ?? null, ports.clock.now());
  }

  #judging(host: HexId): Judging {
    const { ports, state, protocol } = this.#deps;
    const others = (protocol(host) ?? 1) >= 2;
    return {
      verify: ports.verifyHostKey,
      now: ports.clock.now(),
      keyFor: (blob) => {
        const key = state.keys.find((each) => equal(each.blob, blob));
        if (key !== undefined) return key;
        // A computer that asks every phone asks for others' keys too.
        return others && !this.#removedKeys.some((removed) => equal(removed, blob)) ? 'elsewhere' : 'unknown';
      },
    };
  }

  /** Shows what is new, and sets the alarm for what ends next. */
  #changed(): void {
    const { ports, state, book, onDue } = this.#deps;
    state.publish();
    this.#alarm.abort();
    this.#alarm = new AbortController();
    const ends = [this.#shelf.nextMs(), book.nextMs()].filter((ms) => ms !== null);
    if (ends.length === 0) return;
    void ports.clock.after(Math.max(Math.min(...ends), 0), this.#alarm.signal).then(
      () => onDue(() => this.expire()),
      () => undefined,
    );
  }
}
