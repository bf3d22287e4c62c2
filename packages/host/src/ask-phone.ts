/**
 * Everything that this computer asks goes through here: a request gets an id, an expiry and a hash, is sent to its phone,
 * repeated whenever the phone says `here`, and settled exactly once.
 */
import {
  type Answer,
  encodeRequest,
  parseRequestId,
  type Request,
  type RequestHash,
  requestHash,
  type RequestId,
  Settlement,
  type Settled,
  type SettlementEvent,
} from '@palmkey/core/requests';
import type { Content } from '@palmkey/core/messages';
import { type DeviceId, toHex } from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import type { WaitingFact } from './control/protocol.ts';
import type { Pairing } from './state/pairing-store.ts';

/** The longest that the limits of spec/requests.md let a login wait: 30 s until `received` and 60 s more. */
const lifetimeMs = 90_000;
/** Settled requests are remembered so long, so that a late answer gets its `settled` again. */
const rememberMs = 15 * 60_000;

/** What is asked, before it has an id and a time. */
export type Question = Request extends infer R
  ? R extends Request
    ? Omit<R, 'id' | 'issued' | 'expires'>
    : never
  : never;

/** What the person who waits may be told. */
export type AskNotice = { readonly is: 'unreceived'; readonly absent: boolean } | { readonly is: 'received' };

/** How asking ended. `signature` is there for `approved` alone. */
export interface AskResult extends Settled {
  readonly hash: RequestHash;
  readonly signature: Uint8Array | null;
  /** Had the phone said that it has the request. */
  readonly received: boolean;
  /** Did the relay say that the phone is not connected, and nothing since. */
  readonly absent: boolean;
}

export interface AskOptions {
  readonly pairing: Pairing;
  readonly question: Question;
  /** For lists of what waits. */
  readonly about: Pick<WaitingFact, 'user' | 'host'>;
  /** Whether an approval's signature is one; called before the host acts on it. */
  readonly verify: (signature: Uint8Array) => Promise<boolean>;
  readonly onNotice: (notice: AskNotice) => void;
  /** Whoever asked is gone. */
  readonly signal: AbortSignal;
}

interface Open {
  readonly id: RequestId;
  readonly hash: RequestHash;
  readonly bytes: Uint8Array;
  readonly options: AskOptions;
  readonly settlement: Settlement;
  readonly askedAt: number;
  received: boolean;
  absent: boolean;
  signature: Uint8Array | null;
  cancelTimer: () => void;
  /** Lets go of the signal of whoever asked. */
  unsubscribe: () => void;
  resolve(result: AskResult): void;
}

export interface AskPhoneOptions {
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Never rejects; what could not be sent is sent again when the phone says `here`. */
  readonly send: (pairing: Pairing, content: Content) => Promise<unknown>;
  readonly onChange: () => void;
}

export class AskPhone {
  readonly #options: AskPhoneOptions;
  /** By hash, open and lately settled. */
  readonly #asked = new Map<string, Open>();
  /** What is being sealed and sent. */
  readonly #sending = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: AskPhoneOptions) {
    this.#options = options;
  }

  /**
   * Asks one phone. Resolves with how it ended and never later than the limits of spec/requests.md.
   * @throws FormatError at once for a question that no phone would take.
   */
  ask(options: AskOptions): Promise<AskResult> {
    const { clock, randomBytes } = this.#options;
    const id = parseRequestId(randomBytes(16));
    const issued = clock.now();
    const bytes = encodeRequest({ ...options.question, id, issued, expires: issued + lifetimeMs });
    const hash = requestHash(bytes);
    const settlement = new Settlement({ asked: [options.pairing.peer.id], now: clock.monotonic(), lifetimeMs });
    return new Promise((resolve) => {
      const open: Open = {
        id,
        hash,
        bytes,
        options,
        settlement,
        askedAt: issued,
        received: false,
        absent: false,
        signature: null,
        cancelTimer: () => undefined,
        unsubscribe: () => undefined,
        resolve,
      };
      this.#asked.set(toHex(hash), open);
      const withdraw = () => this.#carryOut(open, settlement.withdraw());
      if (options.signal.aborted || this.#closed) {
        withdraw();
        return;
      }
      options.signal.addEventListener('abort', withdraw, { once: true });
      open.unsubscribe = () => options.signal.removeEventListener('abort', withdraw);
      this.#schedule(open);
      this.#sendAsk(open);
      this.#options.onChange();
    });
  }

  /** A phone has connected: what is open for it is sent again. */
  repeat(pairing: Pairing): void {
    for (const open of this.#openFor(pairing.peer.id)) {
      open.absent = false;
      this.#sendAsk(open);
    }
  }

  absent(pairing: Pairing): void {
    for (const open of this.#openFor(pairing.peer.id)) open.absent = true;
  }

  /** The pairing is over: nothing of it may be approved any more. */
  forget(pairing: Pairing): void {
    for (const open of this.#openFor(pairing.peer.id)) this.#carryOut(open, open.settlement.fail());
  }

  received(by: DeviceId, hash: RequestHash): void {
    const open = this.#asked.get(toHex(hash));
    if (open === undefined) return;
    open.absent = false;
    this.#carryOut(open, open.settlement.receive(by, this.#options.clock.monotonic()));
  }

  decided(by: DeviceId, hash: RequestHash, answer: Answer): void {
    const open = this.#asked.get(toHex(hash));
    if (open === undefined) return;
    this.#carryOut(open, open.settlement.answer(by, answer, this.#options.clock.monotonic()));
  }

  waiting(): WaitingFact[] {
    return [...this.#asked.values()]
      .filter(({ options, settlement }) => settlement.settled === null && options.question.kind !== 'ping')
      .map((open) => ({
        hash: toHex(open.hash),
        ...open.options.about,
        phone: open.options.pairing.peer.name,
        received: open.received,
        askedAt: open.askedAt,
        endsAt: open.askedAt + lifetimeMs,
      }));
  }

  /** Withdraws everything, and what is asked from now on; for the end of the daemon. Resolves once the phones were told. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const open of this.#asked.values()) {
      this.#carryOut(open, open.settlement.withdraw());
      open.cancelTimer();
    }
    this.#asked.clear();
    await Promise.all(this.#sending);
  }

  #openFor(id: DeviceId): Open[] {
    const wanted = toHex(id);
    return [...this.#asked.values()].filter(
      ({ options, settlement }) => settlement.settled === null && toHex(options.pairing.peer.id) === wanted,
    );
  }

  #sendAsk(open: Open): void {
    this.#send(open, { kind: 'ask', request: open.bytes });
  }

  #send(open: Open, content: Content): void {
    const sending = this.#options.send(open.options.pairing, content).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  #schedule(open: Open): void {
    open.cancelTimer();
    const at = open.settlement.nextTickAt;
    if (at === null) return;
    const { clock } = this.#options;
    open.cancelTimer = clock.after(Math.max(0, at - clock.monotonic()), () =>
      this.#carryOut(open, open.settlement.tick(clock.monotonic())),
    );
  }

  #carryOut(open: Open, events: readonly SettlementEvent[]): void {
    for (const event of events) {
      switch (event.is) {
        case 'unreceived':
          open.options.onNotice({ is: 'unreceived', absent: open.absent });
          break;
        case 'received':
          open.received = true;
          open.options.onNotice({ is: 'received' });
          break;
        case 'approval':
          void this.#act(open, event.signature);
          break;
        case 'settled':
          this.#settled(open, event.settled);
          break;
        case 'settled-again':
          this.#sendSettled(open, event.settled);
          break;
      }
    }
    if (open.settlement.settled === null) this.#schedule(open);
    this.#options.onChange();
  }

  async #act(open: Open, signature: Uint8Array): Promise<void> {
    const good = await open.options.verify(signature).catch(() => false);
    if (good) open.signature = signature;
    const { settlement } = open;
    this.#carryOut(open, good ? settlement.act() : settlement.failAnswer(this.#options.clock.monotonic()));
  }

  #settled(open: Open, settled: Settled): void {
    open.cancelTimer();
    open.unsubscribe();
    const approved = settled.outcome === 'approved';
    open.resolve({
      ...settled,
      hash: open.hash,
      signature: approved ? open.signature : null,
      received: open.received,
      absent: open.absent,
    });
    this.#sendSettled(open, settled);
    if (this.#closed) return;
    open.cancelTimer = this.#options.clock.after(rememberMs, () => this.#asked.delete(toHex(open.hash)));
  }

  #sendSettled(open: Open, { outcome, by }: Settled): void {
    this.#send(open, { kind: 'settled', hash: open.hash, outcome, by });
  }
}
