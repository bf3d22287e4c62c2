import type { Content } from '@palmkey/core/messages';
import type { Answer } from '@palmkey/core/requests';
import { parseRequestHash, requestHash } from '@palmkey/core/requests';
import type { DeviceId } from '@palmkey/envelope';
import { PalmkeyError, equal, fromHex, toHex } from '@palmkey/envelope';
import type { UserKey } from '../keyring/user-key.ts';
import type { Aftermath, HexId, Outcome, PermissionGrant, RequestView } from '../model/model.ts';
import type { PermissionRow, RequestRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { answerFor } from './answer-for.ts';
import { Deadline } from './deadline.ts';
import { aftermathOf } from './decision-record.ts';
import { GitTexts, partsOf } from './git-texts.ts';
import { historyId } from './history.ts';
import type { Judging, Verdict, WaitVerdict } from './judge.ts';
import { judgeRequest, understandText } from './judge.ts';
import type { Coverable } from './permissions/coverage.ts';
import { grantableFor, offersOf } from './permissions/coverage.ts';
import type { PermissionBook } from './permissions/permission-book.ts';
import { isPermissionLength } from './permissions/permission-book.ts';
import type { PhoneState } from './phone-state.ts';
import { hostKeyState, pinOf } from './pins.ts';
import type { PhonePorts } from './ports.ts';
import { PromptBudget } from './prompt-budget.ts';
import type { StoredReplay } from './replay-store.ts';
import { HostKeyChangedError, NOTHING, RequestLedger, isMuted, refusal } from './request-ledger.ts';
import type { Waiting } from './request-shelf.ts';
import { RequestShelf } from './request-shelf.ts';
import type { Turns } from './turns.ts';
import { requestView } from './views/request-view.ts';

/** How long an answer is remembered after its request ended: longer than any message that repeats it could be opened. */
const REMEMBER_MS = 2 * 60 * 60 * 1000;
/** So many parts may be taken before their numbers are stored: taking one again does nothing. */
const MAX_UNSTORED = 64;

/**
 * The person's decision cannot be carried out: `not-here` (another phone has the key, or the text is not whole yet),
 * `not-offered` (a permission or a `pass` that the request does not offer).
 */
export class UndecidableError extends PalmkeyError {
  override readonly name = 'UndecidableError';
  readonly code: 'not-here' | 'not-offered';

  constructor(code: 'not-here' | 'not-offered') {
    super(code);
    this.code = code;
  }
}

/** What the inbox works with. */
export interface InboxDeps {
  readonly ports: PhonePorts;
  readonly state: PhoneState;
  readonly store: Store;
  readonly turns: Turns;
  readonly replay: StoredReplay;
  readonly book: PermissionBook;
  /** This phone's own id. */
  readonly device: DeviceId;
  /** Resolves once it is handed over, or dropped; false when `unless` said so at the last moment. */
  readonly send: (host: HexId, content: Content, still?: () => boolean) => Promise<boolean>;
  /** What the computer speaks; null when the two have nothing in common. */
  readonly protocol: (host: HexId) => number | null;
  /** False once another tab answers: from then on nothing is decided here. */
  readonly alive: () => boolean;
  /** Runs when time ends something; what it rejects with is the session's to handle. */
  readonly onDue: (work: () => Promise<void>) => void;
}

/** A signature that a permission would give, made before it is decided whether it is given. */
interface Draft {
  readonly permission: PermissionRow;
  readonly answer: Answer;
}

/** What came of a request that was taken: what to answer now, and the permission's approval among it. */
interface Taken {
  readonly answer: Answer | null;
  /** It waits again if the permission ends before the answer has left. */
  readonly approved: Waiting | null;
}

/** Requests on their way through the phone: asked, waiting, answered, confirmed (spec/requests.md). */
export class Inbox {
  readonly #deps: InboxDeps;
  readonly #shelf = new RequestShelf();
  readonly #texts = new GitTexts();
  readonly #budget: PromptBudget;
  readonly #ledger: RequestLedger;
  /** Keys that were taken away while this page is open: a computer may not know yet. */
  readonly #removedKeys: Uint8Array[] = [];
  #alarm = new AbortController();

  constructor(deps: InboxDeps) {
    const { ports, state, store, book, replay } = deps;
    this.#deps = deps;
    this.#budget = new PromptBudget(ports.clock);
    this.#ledger = new RequestLedger({ clock: ports.clock, state, store, shelf: this.#shelf, book, replay });
  }

  /** Takes up what a reload interrupted, and forgets what is old. */
  async load(): Promise<void> {
    const { clock } = this.#deps.ports;
    for (const row of await this.#ledger.load()) {
      const deadline = Deadline.resume(clock, row.receivedAt, row.endsAt);
      this.#shelf.keep(row, deadline);
      if (row.answer !== null || row.outcome !== null) continue;
      // What was checked before is checked again: nothing that came out of the store is taken on trust.
      const verdict = await judgeRequest(row.bytes, 0, this.#judging(row.host));
      if (verdict.is !== 'wait') continue;
      this.#budget.take(row.host);
      this.#wait({ row, ...verdict, deadline });
    }
    await this.expire();
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
    const draft = verdict.is === 'wait' && !known ? await this.#draft(host, verdict) : null;
    if (perhaps && draft === null) void send(host, { kind: 'received', hash });
    const take = (): Promise<Taken> => this.#take(host, toHex(hash), bytes, verdict, draft);
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
    const { state, turns } = this.#deps;
    const hash = toHex(requestHash(bytes));
    const answer = { is: 'refuse', code: 'clock-skew', skew: skewMs } as const;
    const known = await turns.exclusively(async () => {
      const before = state.history.find((line) => line.id === historyId(host, hash));
      // An old message played again must not repaint what became of its request.
      if (before !== undefined) return before.refusal !== 'clock-skew';
      await this.#ledger.refusalLine(host, hash, answer);
      return false;
    });
    if (!known) void this.#answer(host, hash, answer);
    this.#changed();
  }

  /**
   * The person decides. Does nothing for what no longer waits. Signs only an approval that is in time, of a paired
   * computer, whose server's key is not changed (otherwise throws {@link HostKeyChangedError}), with a key of this phone
   * and what it signs in sight (otherwise throws {@link UndecidableError}); the answer is stored before it is sent, and
   * the permission in the same transaction.
   */
  async decide(hash: HexId, decision: Aftermath['decision'], grant?: PermissionGrant): Promise<void> {
    const decided = await this.#deps.turns.exclusively(() => this.#decide(hash, decision, grant));
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
      const holds = (): boolean => alive() && (permission === null || book.isLive(permission));
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
      const coverable = this.#coverable(waiting);
      const view = requestView(waiting, {
        computer: { id: row.host, name: state.computerName(row.host) },
        // Its name may have changed since.
        keyName: state.keys.find(({ id }) => id === key?.id)?.name ?? key?.name ?? '',
        pins: state.pinBook,
        offers: coverable === null ? [] : offersOf(coverable),
        canPass: this.#canPass(waiting),
        here: this.#texts.here(row.id) ?? 0,
      });
      return view === null ? [] : [view];
    });
  }

  /** How many wait. */
  get waitingCount(): number {
    return this.#shelf.allWaiting().length;
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

  /** Makes the signature that a permission would give; null when none covers the request. */
  async #draft(host: HexId, { subject, key }: Pick<WaitVerdict, 'subject' | 'key'>): Promise<Draft | null> {
    const { ports, state, book, alive } = this.#deps;
    const pairing = state.pairings.get(host);
    if (subject === null || key === null || pairing === undefined || !alive()) return null;
    if (isMuted(pairing.mutedUntil, ports.clock.now())) return null;
    const permission = book.find({ computer: host, subject, key, pins: state.pinBook });
    if (permission === null) return null;
    const signature = await key.sign(subject.checked);
    return { permission, answer: { is: 'approve', signature, until: permission.endsAt } };
  }

  /** Stores what a judged request becomes. */
  async #take(host: HexId, hash: HexId, bytes: Uint8Array, verdict: Verdict, draft: Draft | null): Promise<Taken> {
    const { ports, state } = this.#deps;
    const pairing = state.pairings.get(host);
    if (pairing === undefined) return { answer: null, approved: null };
    if (verdict.is === 'unreadable') return this.#refuse(host, hash, 'unparsable');
    const { request } = verdict;
    const id = rowId(host, request.id);
    const before = this.#shelf.get(id);
    if (before !== undefined) return this.#takeAgain(before, host, hash, bytes, verdict);
    if (this.#shelf.waitingFor(hash) !== undefined) return this.#refuse(host, hash, 'id-reuse');
    if (this.#shelf.isFull(host)) return this.#refuse(host, hash, 'busy');
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
      await this.#ledger.answer(host, hash, verdict.answer, shown, row);
      return { answer: verdict.answer, approved: null };
    }
    if (isMuted(pairing.mutedUntil, receivedAt)) return this.#refuse(host, hash, 'muted');
    const waiting: Waiting = { row, ...verdict, deadline: Deadline.start(ports.clock, lengthMs) };
    if (draft !== null && (await this.#approve(waiting, draft))) return { answer: draft.answer, approved: waiting };
    return this.#show(waiting);
  }

  /** Has a person decide, unless they were asked too often. */
  async #show(waiting: Waiting): Promise<Taken> {
    const { host } = waiting.row;
    if (!this.#budget.take(host)) {
      // Counted, and not written down: a flood must not fill the history.
      await this.#deps.replay.flush();
      return { answer: refusal('too-many'), approved: null };
    }
    await this.#ledger.shelve(waiting);
    this.#wait(waiting);
    return { answer: null, approved: null };
  }

  async #takeAgain(before: RequestRow, host: HexId, hash: HexId, bytes: Uint8Array, verdict: Verdict): Promise<Taken> {
    if (before.hash !== hash) return this.#refuse(host, hash, 'id-reuse');
    await this.#deps.replay.flush();
    const waiting = this.#shelf.waiting(before.id);
    if (waiting?.deadline.isOver()) await this.#expireOne(waiting);
    const row = this.#shelf.get(before.id) ?? before;
    const { answer, permission } = row;
    if (answer !== null && permission !== null && !this.#deps.book.isLive(permission)) {
      // The permission that answered is over: what it signed is not handed out again.
      const deadline = Deadline.resume(this.#deps.ports.clock, row.receivedAt, row.endsAt);
      if (row.settled || verdict.is !== 'wait' || deadline.isOver()) return { answer: null, approved: null };
      const asked = { ...row, bytes: new Uint8Array(bytes), answer: null, permission: null };
      await this.#ledger.unapprove({ row: asked, ...verdict, deadline });
      return { answer: null, approved: null };
    }
    if (answer !== null) return { answer, approved: null };
    return { answer: row.outcome === 'expired' && !row.settled ? refusal('expired') : null, approved: null };
  }

  /** Refuses what gets no row of its own. */
  async #refuse(host: HexId, hash: HexId, code: 'unparsable' | 'id-reuse' | 'busy' | 'muted'): Promise<Taken> {
    const answer = refusal(code);
    if (code === 'muted') await this.#deps.replay.flush();
    else await this.#ledger.answer(host, hash, answer, NOTHING, null);
    return { answer, approved: null };
  }

  /** Looks at everything again after the signature was made, then stores it. */
  async #approve(waiting: Waiting, { permission, answer }: Draft): Promise<boolean> {
    const { book, alive } = this.#deps;
    const coverable = this.#coverable(waiting);
    if (coverable === null || !alive() || waiting.deadline.isOver() || !book.isLive(permission.id)) return false;
    if (book.find(coverable) === null) return false;
    return this.#ledger.approve(waiting, answer, permission.id);
  }

  /** Hands an approval by permission out, unless the permission ended up to this moment: then a person is asked. */
  async #sendApproval(waiting: Waiting): Promise<void> {
    const { book, alive, turns } = this.#deps;
    const { id, host, hash } = waiting.row;
    const row = this.#shelf.get(id);
    if (row?.answer == null || row.permission === null) return;
    const { answer, permission } = row;
    const sent = await this.#answer(host, hash, answer, () => alive() && book.isLive(permission));
    if (sent || !alive()) return;
    await turns.exclusively(() => this.#ledger.unapprove(waiting));
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
    const draft = await this.#draft(row.host, whole);
    const approved = await turns.inTab(async () => {
      if (this.#shelf.waiting(row.id) !== waiting) return false;
      this.#shelf.wait(whole);
      return draft !== null && (await this.#approve(whole, draft));
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

  async #decide(
    hash: HexId,
    decision: Aftermath['decision'],
    grant: PermissionGrant | undefined,
  ): Promise<{ readonly host: HexId; readonly answer: Answer } | null> {
    const { ports, state, alive } = this.#deps;
    const waiting = this.#shelf.waitingFor(hash);
    if (waiting === undefined || !alive() || !state.pairings.has(waiting.row.host)) return null;
    const { row, deadline } = waiting;
    const permission = decision === 'approve' && grant !== undefined ? this.#granted(waiting, grant) : null;
    const answer = deadline.isOver() ? null : await this.#personsAnswer(waiting, decision);
    if (answer === null || deadline.isOver()) {
      await this.#expireOne(waiting);
      state.aftermath = aftermathOf(waiting, state, decision, { state: 'unconfirmed', outcome: 'expired' });
      return null;
    }
    const login = waiting.subject?.checked.kind === 'login' ? waiting.subject.checked : null;
    const pin = answer.is === 'approve' && login !== null ? pinOf(login, row.host, ports.clock.now()) : null;
    const outcome = ({ approve: 'approved', reject: 'rejected', pass: 'passed' } as const)[decision];
    if (!(await this.#ledger.decide(waiting, { answer, outcome, pin, permission }))) return null;
    this.#leave(row.id);
    const become = { state: 'sending', outcome: null, permission: permission?.id ?? null } as const;
    state.aftermath = aftermathOf(waiting, state, decision, become);
    return { host: row.host, answer };
  }

  async #personsAnswer({ row, subject, key, ...rest }: Waiting, decision: Aftermath['decision']): Promise<Answer> {
    if (decision === 'reject') return { is: 'reject' };
    if (decision === 'pass') {
      if (!this.#canPass({ row, subject, key, ...rest })) throw new UndecidableError('not-offered');
      return { is: 'pass' };
    }
    if (key === null || subject === null) throw new UndecidableError('not-here');
    const { checked } = subject;
    const changed =
      checked.kind === 'login' && hostKeyState(checked, row.host, this.#deps.state.pinBook).is === 'changed';
    if (changed) throw new HostKeyChangedError();
    return { is: 'approve', signature: await key.sign(checked) };
  }

  /** The permission that comes with an approval; throws {@link UndecidableError} `not-offered`. */
  #granted(waiting: Waiting, { scope, minutes }: PermissionGrant): PermissionRow {
    const coverable = this.#coverable(waiting);
    const grantable = coverable === null ? null : grantableFor(scope, coverable, true);
    if (grantable === null || !isPermissionLength(minutes)) throw new UndecidableError('not-offered');
    return this.#deps.book.grant(waiting.row.host, grantable, minutes);
  }

  #coverable({ row, subject, key }: Waiting): Coverable | null {
    if (subject === null || key === null) return null;
    return { computer: row.host, subject, key, pins: this.#deps.state.pinBook };
  }

  /** A login that the computer can go on with another key for. */
  #canPass({ row, request }: Waiting): boolean {
    return request.kind === 'ssh-sign' && (this.#deps.protocol(row.host) ?? 1) >= 2;
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
    return this.#deps.send(host, said, still);
  }

  /** The answer shown last will not be confirmed any more. */
  #unconfirmed(hash: HexId): void {
    const { state } = this.#deps;
    if (state.aftermath?.hash !== hash || state.aftermath.state !== 'sending') return;
    state.aftermath = { ...state.aftermath, state: 'unconfirmed' };
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

function rowId(host: HexId, id: Uint8Array): string {
  return `${host}/${toHex(id)}`;
}
