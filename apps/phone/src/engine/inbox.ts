import type { Content } from '@palmkey/core/messages';
import type { Answer } from '@palmkey/core/requests';
import { parseRequestHash, requestHash } from '@palmkey/core/requests';
import { PalmkeyError, equal, fromHex, toHex } from '@palmkey/envelope';
import type { UserKey } from '../keyring/user-key.ts';
import type { Aftermath, HexId, LoginView, Outcome } from '../model/model.ts';
import type { HistoryRow, PinRow, RequestRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { Deadline } from './deadline.ts';
import type { Ending, Shown } from './decision-record.ts';
import { aftermathOf, historyLine } from './decision-record.ts';
import { historyId, recordHistory } from './history.ts';
import type { AnswerVerdict, Verdict } from './judge.ts';
import { judgeRequest } from './judge.ts';
import { loginView } from './login-view.ts';
import type { PhoneState } from './phone-state.ts';
import { hostKeyState, joinedPin, pinOf } from './pins.ts';
import type { PhonePorts } from './ports.ts';
import type { Waiting } from './request-shelf.ts';
import { RequestShelf } from './request-shelf.ts';

/** The Web Lock under which requests are decided, counted and stored. */
export const STORE_LOCK = 'palmkey-store';
/** How long an answer is remembered after its request ended: longer than any message that repeats it could be opened. */
const REMEMBER_MS = 2 * 60 * 60 * 1000;

/** The person's approval cannot be carried out: the server's key is not the pinned one. */
export class HostKeyChangedError extends PalmkeyError {
  override readonly name = 'HostKeyChangedError';
  readonly code = 'host-key-changed';
}

/** What the inbox works with. */
export interface InboxDeps {
  readonly ports: PhonePorts;
  readonly state: PhoneState;
  readonly store: Store;
  readonly send: (host: HexId, content: Content) => Promise<void>;
  /** False once another tab answers: from then on nothing is decided here. */
  readonly alive: () => boolean;
  /** Runs when time ends something; what it rejects with is the session's to handle. */
  readonly onDue: (work: () => Promise<void>) => void;
}

type Refusal = Pick<AnswerVerdict, 'answer' | 'login'>;

/** Requests on their way through the phone: asked, waiting, answered, confirmed (spec/requests.md). */
export class Inbox {
  readonly #deps: InboxDeps;
  readonly #shelf = new RequestShelf();
  #alarm = new AbortController();

  constructor(deps: InboxDeps) {
    this.#deps = deps;
  }

  /** Takes up what a reload interrupted, and forgets what is old. */
  async load(): Promise<void> {
    const { clock, verifyHostKey } = this.#deps.ports;
    const now = clock.now();
    const rows = await this.#deps.store.transact('write', ['requests'], async (transaction) => {
      const all = await transaction.all('requests');
      for (const row of all) if (row.keepUntil < now) await transaction.delete('requests', row.id);
      return all.filter((row) => row.keepUntil >= now);
    });
    for (const row of rows.toSorted((a, b) => a.receivedAt - b.receivedAt)) {
      const deadline = Deadline.resume(clock, row.receivedAt, row.endsAt);
      this.#shelf.keep(row, deadline);
      if (row.answer !== null || row.outcome !== null) continue;
      // What was checked before is checked again: nothing that came out of the store is taken on trust.
      const verdict = await judgeRequest(row.bytes, 0, verifyHostKey, (blob) => this.#keyFor(blob));
      if (verdict.is === 'wait') this.#shelf.wait({ row, login: verdict.login, key: verdict.key, deadline });
    }
    await this.expire();
  }

  /** A computer asks. Answers `received` at once, then repeats what was answered before, refuses, or shows it. */
  async ask(host: HexId, bytes: Uint8Array, sentAt: number): Promise<void> {
    const { ports, send } = this.#deps;
    const hash = requestHash(bytes);
    void send(host, { kind: 'received', hash });
    const verdict = await judgeRequest(bytes, sentAt, ports.verifyHostKey, (blob) => this.#keyFor(blob));
    const answer = await this.#exclusively(() => this.#take(host, toHex(hash), bytes, verdict));
    if (answer !== null) void send(host, { kind: 'decision', hash, answer });
    this.#changed();
  }

  /** A request came in a message outside the time window: it is never shown, and the skew is said. */
  async refuseSkewed(host: HexId, bytes: Uint8Array, skewMs: number): Promise<void> {
    const { state, store, send } = this.#deps;
    const hash = requestHash(bytes);
    const known = await this.#exclusively(async () => {
      const id = historyId(host, toHex(hash));
      const before = state.history.find((line) => line.id === id);
      // An old message played again must not repaint what became of its request.
      if (before !== undefined) return before.refusal !== 'clock-skew';
      const answer = { is: 'refuse', code: 'clock-skew', skew: skewMs } as const;
      state.history = await store.transact('write', ['history'], (transaction) =>
        recordHistory(transaction, state.history, this.#line(host, toHex(hash), null, refusalLine(answer))),
      );
      return false;
    });
    if (!known) void send(host, { kind: 'decision', hash, answer: { is: 'refuse', code: 'clock-skew', skew: skewMs } });
    this.#changed();
  }

  /**
   * The person decides. Does nothing for what no longer waits. Signs only an approval that is in time, of a paired
   * computer, whose server's key is not changed (otherwise throws {@link HostKeyChangedError}); the answer is stored
   * before it is sent.
   */
  async decide(hash: HexId, decision: Aftermath['decision']): Promise<void> {
    const decided = await this.#exclusively(() => this.#decide(hash, decision));
    this.#changed();
    if (decided?.answer)
      await this.#deps.send(decided.host, {
        kind: 'decision',
        hash: parseRequestHash(fromHex(decided.hash)),
        answer: decided.answer,
      });
  }

  /** The computer says what became of a request. */
  async settled(host: HexId, hash: HexId, outcome: Outcome): Promise<void> {
    await this.#exclusively(async () => {
      const row = this.#shelf.find(host, hash);
      if (row === undefined || row.settled) return;
      const { state, store } = this.#deps;
      const ended: RequestRow = { ...row, bytes: new Uint8Array(), outcome, settled: true };
      const before = state.history.find((line) => line.id === historyId(host, hash));
      const login = this.#shelf.waiting(row.id);
      const line =
        before === undefined
          ? this.#line(host, hash, login ?? null, { outcome })
          : {
              ...before,
              outcome: before.outcome === 'refused' ? before.outcome : outcome,
              confirmed: row.answer !== null,
            };
      state.history = await store.transact('write', ['requests', 'history'], async (transaction) => {
        await transaction.put('requests', ended);
        // A ping leaves no line.
        if (before === undefined && login === undefined) return state.history;
        return recordHistory(transaction, state.history, line);
      });
      this.#shelf.keep(ended);
      if (state.aftermath?.hash === hash) state.aftermath = { ...state.aftermath, state: 'confirmed', outcome };
    });
    this.#changed();
  }

  /** Sends this computer every answer again that it has not confirmed. */
  async repeat(host: HexId): Promise<void> {
    for (const { hash, answer } of this.#shelf.unconfirmed(host))
      await this.#deps.send(host, { kind: 'decision', hash: parseRequestHash(fromHex(hash)), answer });
  }

  /** Forgets every request of a computer that is no longer paired; part of the caller's locked work. */
  async forgetComputer(host: HexId): Promise<void> {
    const { state, store } = this.#deps;
    const rows = this.#shelf.ofComputer(host);
    state.history = await store.transact('write', ['requests', 'history'], async (transaction) => {
      let { history } = state;
      for (const row of rows) {
        await transaction.delete('requests', row.id);
        const waiting = this.#shelf.waiting(row.id);
        if (waiting === undefined) continue;
        history = await recordHistory(
          transaction,
          history,
          this.#line(host, row.hash, waiting, { outcome: 'withdrawn' }),
        );
      }
      return history;
    });
    for (const { id, hash } of rows) {
      this.#shelf.forget(id);
      this.#unconfirmed(hash);
    }
  }

  /** Ends what has run out of time: waiting requests as `expired`, answers as unconfirmed. */
  async expire(): Promise<void> {
    await this.#exclusively(async () => {
      for (const waiting of this.#shelf.allWaiting()) if (waiting.deadline.isOver()) await this.#expireOne(waiting);
      for (const { hash } of this.#shelf.takeOverdue()) this.#unconfirmed(hash);
    });
    this.#changed();
  }

  /** The screens of what waits, oldest first. */
  views(): readonly LoginView[] {
    const { state } = this.#deps;
    return this.#shelf.allWaiting().map(({ row, login, key }) =>
      loginView({
        login,
        // Its name may have changed since.
        key: state.keys.find(({ id }) => id === key.id) ?? key,
        computer: { id: row.host, name: state.computerName(row.host) },
        pins: state.pinBook,
        receivedAt: row.receivedAt,
        endsAt: row.endsAt,
      }),
    );
  }

  close(): void {
    this.#alarm.abort();
  }

  /** Stores what a judged request becomes; returns what to answer now, null while the person has to decide. */
  async #take(host: HexId, hash: HexId, bytes: Uint8Array, verdict: Verdict): Promise<Answer | null> {
    const { ports, state } = this.#deps;
    if (!state.pairings.has(host)) return null;
    if (verdict.is === 'unreadable') return this.#refuse(host, hash, refusal('unparsable'), null);
    const { request } = verdict;
    const id = `${host}/${toHex(request.id)}`;
    const before = this.#shelf.get(id);
    if (before !== undefined) return this.#takeAgain(before, host, hash);
    if (this.#shelf.waitingFor(hash) !== undefined) return this.#refuse(host, hash, refusal('id-reuse'), null);
    if (this.#shelf.isFull(host)) return this.#refuse(host, hash, refusal('busy'), null);
    const lengthMs = request.expires - request.issued;
    const receivedAt = ports.clock.now();
    const endsAt = receivedAt + lengthMs;
    const row: RequestRow = {
      id, host, hash, receivedAt, endsAt, keepUntil: endsAt + REMEMBER_MS, answer: null, outcome: null, settled: false,
      bytes: verdict.is === 'wait' ? new Uint8Array(bytes) : new Uint8Array(),
    }; // prettier-ignore
    if (verdict.is === 'answer') return this.#refuse(host, hash, verdict, row);
    await this.#deps.store.transact('write', ['requests'], (transaction) => transaction.put('requests', row));
    const deadline = Deadline.start(ports.clock, lengthMs);
    this.#shelf.wait({ row, login: verdict.login, key: verdict.key, deadline });
    return null;
  }

  async #takeAgain(before: RequestRow, host: HexId, hash: HexId): Promise<Answer | null> {
    if (before.hash !== hash) return this.#refuse(host, hash, refusal('id-reuse'), null);
    const waiting = this.#shelf.waiting(before.id);
    if (waiting?.deadline.isOver()) await this.#expireOne(waiting);
    const row = this.#shelf.get(before.id) ?? before;
    if (row.answer !== null) return row.answer;
    return row.outcome === 'expired' && !row.settled ? { is: 'refuse', code: 'expired', skew: null } : null;
  }

  /** Answers without asking the person; the answer is stored when the request has a row to stand in. */
  async #refuse(host: HexId, hash: HexId, verdict: Refusal, row: RequestRow | null): Promise<Answer> {
    const { state, store } = this.#deps;
    const { answer, login } = verdict;
    const answered = row === null ? null : { ...row, answer };
    const known = state.history.some((line) => line.id === historyId(host, hash));
    state.history = await store.transact('write', ['requests', 'history'], async (transaction) => {
      if (answered !== null) await transaction.put('requests', answered);
      if (answer.is !== 'refuse' || known) return state.history;
      return recordHistory(
        transaction,
        state.history,
        this.#line(host, hash, login === null ? null : { login }, refusalLine(answer)),
      );
    });
    if (answered !== null) {
      const deadline = Deadline.start(this.#deps.ports.clock, answered.endsAt - answered.receivedAt);
      this.#shelf.keep(answered, deadline);
    }
    return answer;
  }

  async #decide(hash: HexId, decision: Aftermath['decision']): Promise<RequestRow | null> {
    const { ports, state, store, alive } = this.#deps;
    const waiting = this.#shelf.waitingFor(hash);
    if (waiting === undefined || !alive() || !state.pairings.has(waiting.row.host)) return null;
    const { row, login, key, deadline } = waiting;
    const approves = decision === 'approve';
    if (approves && hostKeyState(login, row.host, state.pinBook).is === 'changed') throw changed();
    const answer: Answer | null = deadline.isOver()
      ? null
      : approves
        ? { is: 'approve', signature: await key.sign(login) }
        : { is: decision === 'reject' ? 'reject' : 'pass' };
    if (answer === null || deadline.isOver()) {
      await this.#expireOne(waiting);
      state.aftermath = aftermathOf(waiting, state, decision, { state: 'unconfirmed', outcome: 'expired' });
      return null;
    }
    const approved = approves ? pinOf(login, row.host, ports.clock.now()) : null;
    const outcome = approves ? 'approved' : decision === 'reject' ? 'rejected' : 'passed';
    const answered: RequestRow = { ...row, bytes: new Uint8Array(), answer };
    const stored = await store.transact('write', ['requests', 'pairings', 'pins', 'history'], async (transaction) => {
      const kept = await transaction.get('requests', row.id);
      // Another tab answered, or unpaired, since this one read the store.
      if (kept?.answer !== null || kept.outcome !== null) return null;
      if ((await transaction.get('pairings', row.host)) === undefined) return null;
      let pin: PinRow | null = null;
      if (approved !== null) {
        const keptPin = await transaction.get('pins', approved.id);
        if (keptPin !== undefined && !equal(keptPin.hostKey, approved.hostKey)) throw changed();
        pin = joinedPin(keptPin, approved);
        await transaction.put('pins', pin);
      }
      await transaction.put('requests', answered);
      const line = this.#line(row.host, hash, waiting, { outcome, signed: approves, by: 'person' });
      return { pin, history: await recordHistory(transaction, state.history, line) };
    });
    if (stored === null) return null;
    const { pin } = stored;
    state.history = stored.history;
    if (pin !== null) state.pins.set(pin.id, pin);
    this.#shelf.keep(answered, deadline);
    state.aftermath = aftermathOf(waiting, state, decision, { state: 'sending', outcome: null });
    return answered;
  }

  async #expireOne({ row, ...waiting }: Waiting): Promise<void> {
    const { state, store } = this.#deps;
    const ended: RequestRow = { ...row, bytes: new Uint8Array(), outcome: 'expired' };
    state.history = await store.transact('write', ['requests', 'history'], async (transaction) => {
      await transaction.put('requests', ended);
      return recordHistory(transaction, state.history, this.#line(row.host, row.hash, waiting, { outcome: 'expired' }));
    });
    this.#shelf.keep(ended);
  }

  /** The answer shown last will not be confirmed any more. */
  #unconfirmed(hash: HexId): void {
    const { state } = this.#deps;
    if (state.aftermath?.hash !== hash || state.aftermath.state !== 'sending') return;
    state.aftermath = { ...state.aftermath, state: 'unconfirmed' };
  }

  #keyFor(blob: Uint8Array): UserKey | undefined {
    return this.#deps.state.keys.find((key) => equal(key.blob, blob));
  }

  #exclusively<R>(work: () => Promise<R>): Promise<R> {
    return this.#deps.ports.locks.exclusively(STORE_LOCK, work);
  }

  #line(host: HexId, hash: HexId, shown: Shown | null, ending: Ending): HistoryRow {
    const { ports, state } = this.#deps;
    return historyLine({ host, hash, at: ports.clock.now(), computer: state.computerName(host) }, shown, ending);
  }

  /** Shows what is new, and sets the alarm for what ends next. */
  #changed(): void {
    const { ports, state, onDue } = this.#deps;
    state.publish();
    this.#alarm.abort();
    this.#alarm = new AbortController();
    const nextMs = this.#shelf.nextMs();
    if (nextMs === null) return;
    void ports.clock.after(Math.max(nextMs, 0), this.#alarm.signal).then(
      () => onDue(() => this.expire()),
      () => undefined,
    );
  }
}

function changed(): HostKeyChangedError {
  return new HostKeyChangedError('not the pinned key');
}

function refusal(code: 'unparsable' | 'id-reuse' | 'busy'): Refusal {
  return { answer: { is: 'refuse', code, skew: null }, login: null };
}

function refusalLine({ code, skew }: Answer & { is: 'refuse' }) {
  return { outcome: 'refused', refusal: code, skewMs: skew } as const;
}
