import type { DeviceId } from '@palmkey/envelope';
import { equal } from '@palmkey/envelope';
import type { Answer, RefusalCode } from './answer.ts';

/** After so long without `received` the person is told that the phone has not answered yet. */
export const NOTICE_AFTER_MS = 2_000;
/** After so long without `received` the request has failed. */
export const UNRECEIVED_LIMIT_MS = 30_000;
/** What the first `received` grants beyond that limit: a phone shows the whole of it from the moment it received. */
export const RECEIVED_GRANTS_MS = 60_000;

/** How a request ended, as the host tells it to every phone that it asked. */
export type Outcome = 'approved' | 'rejected' | 'passed' | 'withdrawn' | 'expired' | 'failed';

/** The end of a request; `by` is the phone whose answer it was, null where it was nobody's. */
export interface Settled {
  readonly outcome: Outcome;
  readonly by: DeviceId | null;
  /** For `failed`: the refusal that came last, null where it was the host that failed. */
  readonly refusal: { readonly code: RefusalCode; readonly skew: number | null } | null;
}

/** What the host has to do about a request, in this order. */
export type SettlementEvent =
  /** Tell the person that no phone has received it yet; once. */
  | { readonly is: 'unreceived' }
  /** Tell the person that a phone has it; once for each phone. */
  | { readonly is: 'received'; readonly by: DeviceId }
  /** Check the signature, then call `act` or `failAnswer`. */
  | { readonly is: 'approval'; readonly by: DeviceId; readonly signature: Uint8Array }
  /** It is over: answer whoever asked, and send `settled` to every phone in `to`. */
  | { readonly is: 'settled'; readonly settled: Settled; readonly to: readonly DeviceId[] }
  /** It was over before: send the same `settled` again, to this phone alone. */
  | { readonly is: 'settled-again'; readonly settled: Settled; readonly to: DeviceId };

interface Approval {
  readonly by: DeviceId;
  readonly signature: Uint8Array;
}

/**
 * One request on the side of the host that asked it: open, then received, then settled (spec/requests.md, "The rules").
 * The first answer counts, except that a reject before the host has acted wins over an approval. Pure: every time is
 * the caller's monotonic clock in ms, and every call returns what is to be done.
 */
export class Settlement {
  readonly #asked: readonly DeviceId[];
  readonly #holders: readonly DeviceId[];
  readonly #received: DeviceId[] = [];
  readonly #refused: DeviceId[] = [];
  readonly #noticeAt: number;
  readonly #receivedDeadline: number;
  #noticed = false;
  #deadline: number;
  #approval: Approval | null = null;
  #settled: Settled | null = null;

  /**
   * `asked` are the phones that get the request, `holders` those of them that have its key (all, if not given): only
   * these can approve, and when each of them has refused nobody is left. `lifetimeMs` is the request's expires − issued.
   */
  constructor(options: {
    readonly asked: readonly DeviceId[];
    readonly holders?: readonly DeviceId[];
    readonly now: number;
    readonly lifetimeMs: number;
  }) {
    this.#asked = options.asked;
    this.#holders = options.holders ?? options.asked;
    this.#noticeAt = options.now + NOTICE_AFTER_MS;
    const endsAt = options.now + options.lifetimeMs;
    this.#deadline = Math.min(options.now + UNRECEIVED_LIMIT_MS, endsAt);
    this.#receivedDeadline = Math.min(options.now + UNRECEIVED_LIMIT_MS + RECEIVED_GRANTS_MS, endsAt);
  }

  /** How it ended; null while it is open. */
  get settled(): Settled | null {
    return this.#settled;
  }

  /** Whom it was sent to. */
  get asked(): readonly DeviceId[] {
    return this.#asked;
  }

  /** When {@link tick} has something to do next; null when never. */
  get nextTickAt(): number | null {
    if (this.#settled || this.#approval) return null;
    return this.#awaitsNotice() ? Math.min(this.#noticeAt, this.#deadline) : this.#deadline;
  }

  /** Time has passed. */
  tick(now: number): SettlementEvent[] {
    if (this.#settled || this.#approval) return [];
    if (now >= this.#deadline) return this.#settle('expired', null);
    if (!this.#awaitsNotice() || now < this.#noticeAt) return [];
    this.#noticed = true;
    return [{ is: 'unreceived' }];
  }

  /** A phone says that it has the request. One that was not asked is passed over. */
  receive(by: DeviceId, now: number): SettlementEvent[] {
    if (!includes(this.#asked, by)) return [];
    const late = this.#tickFirst(now);
    if (this.#settled) return [...late, this.#again(this.#settled, by)];
    if (includes(this.#received, by)) return [];
    if (this.#received.length === 0) this.#deadline = this.#receivedDeadline;
    this.#received.push(by);
    return [{ is: 'received', by }];
  }

  /** A phone answers. One that was not asked is passed over. */
  answer(by: DeviceId, answer: Answer, now: number): SettlementEvent[] {
    if (!includes(this.#asked, by)) return [];
    const late = this.#tickFirst(now);
    if (this.#settled) return late.length > 0 ? late : [this.#again(this.#settled, by)];
    switch (answer.is) {
      case 'reject':
        return this.#settle('rejected', by);
      case 'pass':
        return this.#approval ? [] : this.#settle('passed', by);
      case 'refuse':
        return this.#refuse(by, { code: answer.code, skew: answer.skew });
      case 'approve':
        if (this.#approval || !includes(this.#holders, by)) return [];
        this.#approval = { by, signature: answer.signature };
        return [{ is: 'approval', ...this.#approval }];
    }
  }

  /**
   * The host acts on the approval now, in the turn in which it hands out the signature. Nothing when it was settled in
   * between (a reject won): then it must not act.
   */
  act(): SettlementEvent[] {
    if (this.#settled || !this.#approval) return [];
    return this.#settle('approved', this.#approval.by);
  }

  /** The approval was worth nothing, its signature does not verify: as if that phone had not answered. */
  failAnswer(now: number): SettlementEvent[] {
    if (this.#settled || !this.#approval) return [];
    const { by } = this.#approval;
    this.#approval = null;
    const events = this.#refuse(by, null);
    return events.length > 0 ? events : this.tick(now);
  }

  /** Whoever asked is gone. */
  withdraw(): SettlementEvent[] {
    return this.#settled ? [] : this.#settle('withdrawn', null);
  }

  /** The host itself cannot go on. */
  fail(): SettlementEvent[] {
    return this.#settled ? [] : this.#settle('failed', null);
  }

  /** A phone that refuses is out; when the last one is, nobody is left to answer. */
  #refuse(by: DeviceId, refusal: Settled['refusal']): SettlementEvent[] {
    if (!includes(this.#refused, by)) this.#refused.push(by);
    if (this.#approval || !this.#holders.every((holder) => includes(this.#refused, holder))) return [];
    return this.#settle('failed', by, refusal);
  }

  #settle(outcome: Outcome, by: DeviceId | null, refusal: Settled['refusal'] = null): SettlementEvent[] {
    this.#settled = { outcome, by, refusal };
    return [{ is: 'settled', settled: this.#settled, to: this.#asked }];
  }

  /** Timers may be late: what arrives after the deadline does not count because nobody looked at the clock. */
  #tickFirst(now: number): SettlementEvent[] {
    return now >= this.#deadline ? this.tick(now) : [];
  }

  #again(settled: Settled, to: DeviceId): SettlementEvent {
    return { is: 'settled-again', settled, to };
  }

  #awaitsNotice(): boolean {
    return !this.#noticed && this.#received.length === 0;
  }
}

function includes(ids: readonly DeviceId[], id: DeviceId): boolean {
  return ids.some((each) => equal(each, id));
}
