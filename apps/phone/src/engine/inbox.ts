import type { Content } from '@palmkey/core/messages';
import type { Answer } from '@palmkey/core/requests';
import { parseRequestHash, requestHash } from '@palmkey/core/requests';
import { PalmkeyError, equal, fromHex, toHex } from '@palmkey/envelope';
import { CheckedLogin } from '../keyring/checked-login.ts';
import type { UserKey } from '../keyring/user-key.ts';
import type { HexId, LoginView, Outcome } from '../model/model.ts';
import type { HistoryRow, RequestRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { historyId, recordHistory } from './history.ts';
import type { AnswerVerdict, Verdict } from './judge.ts';
import { judgeRequest } from './judge.ts';
import { loginView } from './login-view.ts';
import type { PhoneState } from './phone-state.ts';
import { hostKeyState, pinOf } from './pins.ts';
import type { PhonePorts } from './ports.ts';
import { Deadline } from './deadline.ts';

/** The Web Lock under which requests are decided, counted and stored. */
export const STORE_LOCK = 'palmkey-store';
/** More than these of one computer are refused as `busy`. */
export const MAX_WAITING = 32;
/** How many ended requests of one computer are remembered at once; further ones are `busy` until some are forgotten. */
const MAX_REMEMBERED = 2_000;
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

interface Waiting {
  readonly row: RequestRow;
  readonly login: CheckedLogin;
  readonly key: UserKey;
  readonly deadline: Deadline;
}

type Refusal = Pick<AnswerVerdict, 'answer' | 'login'>;

/** Requests on their way through the phone: asked, waiting, answered, confirmed (spec/requests.md). */
export class Inbox {
  readonly #deps: InboxDeps;
  /** Every remembered request. */
  readonly #rows = new Map<string, RequestRow>();
  /** Those that a person has to decide, in the order they came; by row id. */
  readonly #waiting = new Map<string, Waiting>();
  /** Answers that no computer has confirmed, until their request ends; by row id. */
  readonly #outbox = new Map<string, Deadline>();
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
      this.#rows.set(row.id, row);
      const deadline = Deadline.resume(clock, row.receivedAt, row.endsAt);
      if (row.answer !== null && !row.settled && !deadline.isOver()) this.#outbox.set(row.id, deadline);
      if (row.answer !== null || row.outcome !== null) continue;
      // What was checked before is checked again: nothing that came out of the store is taken on trust.
      const verdict = await judgeRequest(row.bytes, 0, verifyHostKey, (blob) => this.#keyFor(blob));
      if (verdict.is === 'wait') this.#waiting.set(row.id, { row, login: verdict.login, key: verdict.key, deadline });
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
  async decide(hash: HexId, decision: 'approve' | 'reject'): Promise<void> {
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
      const row = this.#find(host, hash);
      if (row === undefined || row.settled) return;
      const { state, store } = this.#deps;
      const ended: RequestRow = { ...row, bytes: new Uint8Array(), outcome, settled: true };
      const before = state.history.find((line) => line.id === historyId(host, hash));
      const login = this.#waiting.get(row.id);
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
      this.#remember(ended);
      if (state.aftermath?.hash === hash) state.aftermath = { ...state.aftermath, state: 'confirmed', outcome };
    });
    this.#changed();
  }

  /** Sends this computer every answer again that it has not confirmed. */
  async repeat(host: HexId): Promise<void> {
    for (const id of this.#outbox.keys()) {
      const row = this.#rows.get(id);
      if (row?.host !== host || row.answer === null) continue;
      await this.#deps.send(host, { kind: 'decision', hash: parseRequestHash(fromHex(row.hash)), answer: row.answer });
    }
  }

  /** Forgets every request of a computer that is no longer paired; part of the caller's locked work. */
  async forgetComputer(host: HexId): Promise<void> {
    const { state, store } = this.#deps;
    const rows = [...this.#rows.values()].filter((row) => row.host === host);
    state.history = await store.transact('write', ['requests', 'history'], async (transaction) => {
      let { history } = state;
      for (const row of rows) {
        await transaction.delete('requests', row.id);
        const waiting = this.#waiting.get(row.id);
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
      this.#rows.delete(id);
      this.#waiting.delete(id);
      this.#outbox.delete(id);
      if (state.aftermath?.hash === hash && state.aftermath.state === 'sending')
        state.aftermath = { ...state.aftermath, state: 'unconfirmed' };
    }
  }

  /** Ends what has run out of time: waiting requests as `expired`, answers as unconfirmed. */
  async expire(): Promise<void> {
    await this.#exclusively(async () => {
      for (const waiting of [...this.#waiting.values()]) if (waiting.deadline.isOver()) await this.#expireOne(waiting);
      for (const [id, deadline] of [...this.#outbox]) {
        if (!deadline.isOver()) continue;
        this.#outbox.delete(id);
        const { state } = this.#deps;
        if (state.aftermath?.hash === this.#rows.get(id)?.hash && state.aftermath?.state === 'sending')
          state.aftermath = { ...state.aftermath, state: 'unconfirmed' };
      }
    });
    this.#changed();
  }

  /** The screens of what waits, oldest first. */
  views(): readonly LoginView[] {
    const { state } = this.#deps;
    return [...this.#waiting.values()].map(({ row, login, key }) =>
      loginView({
        login,
        // Its name may have changed since.
        key: state.keys.find(({ id }) => id === key.id) ?? key,
        computer: { id: row.host, name: state.computerName(row.host) },
        findPin: (id) => state.pins.get(id),
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
    const before = this.#rows.get(id);
    if (before !== undefined) return this.#takeAgain(before, host, hash);
    const twin = [...this.#waiting.values()].some(({ row }) => row.hash === hash);
    if (twin) return this.#refuse(host, hash, refusal('id-reuse'), null);
    if (this.#isBusy(host)) return this.#refuse(host, hash, refusal('busy'), null);
    const lengthMs = request.expires - request.issued;
    const receivedAt = ports.clock.now();
    const endsAt = receivedAt + lengthMs;
    const row: RequestRow = {
      id, host, hash, receivedAt, endsAt, keepUntil: endsAt + REMEMBER_MS, answer: null, outcome: null, settled: false,
      bytes: verdict.is === 'wait' ? new Uint8Array(bytes) : new Uint8Array(),
    }; // prettier-ignore
    if (verdict.is === 'answer') return this.#refuse(host, hash, verdict, row);
    await this.#deps.store.transact('write', ['requests'], (transaction) => transaction.put('requests', row));
    this.#rows.set(id, row);
    const deadline = Deadline.start(ports.clock, lengthMs);
    this.#waiting.set(id, { row, login: verdict.login, key: verdict.key, deadline });
    return null;
  }

  async #takeAgain(before: RequestRow, host: HexId, hash: HexId): Promise<Answer | null> {
    if (before.hash !== hash) return this.#refuse(host, hash, refusal('id-reuse'), null);
    const waiting = this.#waiting.get(before.id);
    if (waiting?.deadline.isOver()) await this.#expireOne(waiting);
    const row = this.#rows.get(before.id) ?? before;
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
      this.#remember(answered);
      this.#outbox.set(answered.id, Deadline.start(this.#deps.ports.clock, answered.endsAt - answered.receivedAt));
    }
    return answer;
  }

  async #decide(hash: HexId, decision: 'approve' | 'reject'): Promise<RequestRow | null> {
    const { ports, state, store, alive } = this.#deps;
    const waiting = [...this.#waiting.values()].find(({ row }) => row.hash === hash);
    if (waiting === undefined || !alive() || !state.pairings.has(waiting.row.host)) return null;
    const { row, login, key, deadline } = waiting;
    const pin = decision === 'approve' ? pinOf(login, ports.clock.now()) : null;
    let signature: Uint8Array | null = null;
    if (decision === 'approve') {
      if (hostKeyState(login, (id) => state.pins.get(id)).is === 'changed') throw new HostKeyChangedError('changed');
      if (!deadline.isOver()) signature = await key.sign(login);
    }
    if (deadline.isOver()) {
      await this.#expireOne(waiting);
      state.aftermath = this.#aftermath(waiting, decision, 'unconfirmed', 'expired');
      return null;
    }
    const answer: Answer = signature === null ? { is: 'reject' } : { is: 'approve', signature };
    const outcome = signature === null ? 'rejected' : 'approved';
    const answered: RequestRow = { ...row, bytes: new Uint8Array(), answer };
    const history = await store.transact('write', ['requests', 'pairings', 'pins', 'history'], async (transaction) => {
      const kept = await transaction.get('requests', row.id);
      // Another tab answered, or unpaired, since this one read the store.
      if (kept === undefined || kept.answer !== null || kept.outcome !== null) return null;
      if ((await transaction.get('pairings', row.host)) === undefined) return null;
      if (pin !== null) {
        const keptPin = await transaction.get('pins', pin.id);
        if (keptPin !== undefined && !equal(keptPin.hostKey, pin.hostKey)) throw new HostKeyChangedError('changed');
        if (keptPin === undefined) await transaction.put('pins', pin);
      }
      await transaction.put('requests', answered);
      return recordHistory(transaction, state.history, this.#line(row.host, hash, waiting, { outcome }));
    });
    if (history === null) {
      this.#waiting.delete(row.id);
      return null;
    }
    state.history = history;
    if (pin !== null && !state.pins.has(pin.id)) state.pins.set(pin.id, pin);
    this.#remember(answered);
    this.#outbox.set(row.id, deadline);
    state.aftermath = this.#aftermath(waiting, decision, 'sending', null);
    return answered;
  }

  async #expireOne({ row, ...waiting }: Waiting): Promise<void> {
    const { state, store } = this.#deps;
    const ended: RequestRow = { ...row, bytes: new Uint8Array(), outcome: 'expired' };
    state.history = await store.transact('write', ['requests', 'history'], async (transaction) => {
      await transaction.put('requests', ended);
      return recordHistory(transaction, state.history, this.#line(row.host, row.hash, waiting, { outcome: 'expired' }));
    });
    this.#remember(ended);
  }

  /** Keeps the row in mind; one that is answered or ended waits no more, one that is settled needs no repeating. */
  #remember(row: RequestRow): void {
    this.#rows.set(row.id, row);
    if (row.answer !== null || row.outcome !== null) this.#waiting.delete(row.id);
    if (row.settled) this.#outbox.delete(row.id);
  }

  #isBusy(host: HexId): boolean {
    const waiting = [...this.#waiting.values()].filter(({ row }) => row.host === host).length;
    if (waiting >= MAX_WAITING) return true;
    return [...this.#rows.values()].filter((row) => row.host === host).length >= MAX_REMEMBERED;
  }

  #find(host: HexId, hash: HexId): RequestRow | undefined {
    return [...this.#rows.values()].find((row) => row.host === host && row.hash === hash);
  }

  #keyFor(blob: Uint8Array): UserKey | undefined {
    return this.#deps.state.keys.find((key) => equal(key.blob, blob));
  }

  #exclusively<R>(work: () => Promise<R>): Promise<R> {
    return this.#deps.ports.locks.exclusively(STORE_LOCK, work);
  }

  #aftermath(
    { row, login }: Pick<Waiting, 'row' | 'login'>,
    decision: 'approve' | 'reject',
    state: 'sending' | 'unconfirmed',
    outcome: Outcome | null,
  ) {
    const { host } = login.request;
    const title = host === null ? login.userauth.user : `${login.userauth.user}@${host.name}`;
    return { hash: row.hash, computer: this.#deps.state.computerName(row.host), title, decision, state, outcome };
  }

  #line(
    host: HexId,
    hash: HexId,
    shown: { readonly login: CheckedLogin; readonly key?: UserKey } | null,
    ending: Pick<HistoryRow, 'outcome'> & Partial<Pick<HistoryRow, 'refusal' | 'skewMs'>>,
  ): HistoryRow {
    const { ports, state } = this.#deps;
    const server = shown === null ? null : hostKeyState(shown.login, () => undefined);
    return {
      id: historyId(host, hash),
      hash,
      at: ports.clock.now(),
      computer: state.computerName(host),
      user: shown?.login.userauth.user ?? null,
      host: shown?.login.request.host?.name ?? null,
      hostFingerprint: server === null || server.is === 'unbound' ? null : server.fingerprint,
      keyName: shown?.key?.name ?? null,
      refusal: null,
      skewMs: null,
      confirmed: false,
      ...ending,
    };
  }

  /** Shows what is new, and sets the alarm for what ends next. */
  #changed(): void {
    const { ports, state, onDue } = this.#deps;
    state.publish();
    this.#alarm.abort();
    this.#alarm = new AbortController();
    const deadlines = [...[...this.#waiting.values()].map(({ deadline }) => deadline), ...this.#outbox.values()];
    if (deadlines.length === 0) return;
    const nextMs = Math.min(...deadlines.map((deadline) => deadline.remainingMs()));
    void ports.clock.after(Math.max(nextMs, 0), this.#alarm.signal).then(
      () => onDue(() => this.expire()),
      () => undefined,
    );
  }
}

function refusal(code: 'unparsable' | 'id-reuse' | 'busy'): Refusal {
  return { answer: { is: 'refuse', code, skew: null }, login: null };
}

function refusalLine({ code, skew }: Answer & { is: 'refuse' }) {
  return { outcome: 'refused', refusal: code, skewMs: skew } as const;
}
