/**
 * Everything that this computer asks goes through here: a request gets an id, an expiry and a hash, is sent to the phones,
 * repeated whenever one says `here`, and settled exactly once.
 */
import {
  type Answer,
  MAX_PART_BYTES,
  parseRequestId,
  type RequestHash,
  type Settled,
  Settlement,
  type SettlementEvent,
} from '@palmkey/core/requests';
import type { Content } from '@palmkey/core/messages';
import { type DeviceId, equal, toHex } from '@palmkey/envelope';
import {
  type AskedPhone,
  askedPhone,
  bothForms,
  type Gone,
  isAbsent,
  isUnexplained,
  mayBeSent,
  namesOf,
  type Unasked,
} from './asked-phone.ts';
import type { AskOptions, AskResult } from './asking.ts';
import type { WaitingFact } from './control/protocol.ts';
import type { Carriage } from './phone-lines.ts';
import { RequestForms } from './request-forms.ts';
import type { Pairing } from './state/pairing-store.ts';
import { type Wake, type WakePorts, wakeFor } from './wake.ts';

/** The longest that the limits of spec/requests.md let a request wait: 30 s until `received` and 60 s more. */
const lifetimeMs = 90_000;
/** Settled requests are remembered so long, so that a late answer gets its `settled` again. */
const rememberMs = 15 * 60_000;
/** How long a phone that is away can still come for how it ended, at least. */
const settledMs = 60_000;

interface Open {
  readonly forms: RequestForms;
  readonly options: Omit<AskOptions, 'text'>;
  /** Held as long as it may be fetched, and no longer: it can be 8 MiB. */
  text: Uint8Array | null;
  readonly settlement: Settlement;
  /** What came of a request takes the place of the request, where a phone has not come for it yet. */
  readonly coalescingKey: number;
  readonly phones: readonly AskedPhone[];
  readonly askedAt: number;
  /** By the monotonic clock. */
  readonly began: number;
  /** The phone whose approval is being looked at, and the end of the permission that gave it. */
  approval: { readonly by: AskedPhone; readonly until: number | null } | null;
  signature: Uint8Array | null;
  cancelTimer: () => void;
  /** Lets go of the signal of whoever asked. */
  unsubscribe: () => void;
  resolve(result: AskResult): void;
}

export interface AskPhoneOptions extends WakePorts {
  readonly randomBytes: (length: number) => Uint8Array;
  /**
   * Never rejects; what could not be sent is sent again by `repeat`. With a lifetime it waits at the relay for a phone
   * that is away.
   */
  readonly send: (pairing: Pairing, content: Content, how: Carriage) => Promise<unknown>;
  readonly onChange: () => void;
}

export class AskPhone {
  readonly #options: AskPhoneOptions;
  /** By each of its hashes, open and lately settled. */
  readonly #asked = new Map<string, Open>();
  /** What is being sealed and sent. */
  readonly #sending = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: AskPhoneOptions) {
    this.#options = options;
  }

  /**
   * Asks the phones. Resolves with how it ended and never later than the limits of spec/requests.md.
   * @throws FormatError at once for a question that no phone would take.
   */
  ask({ text, ...options }: AskOptions): Promise<AskResult> {
    const { clock, randomBytes } = this.#options;
    const issued = clock.now();
    const id = parseRequestId(randomBytes(16));
    const forms = new RequestForms({ ...options.question, id, issued, expires: issued + lifetimeMs });
    const others = (options.others ?? []).filter(
      ({ peer }) => !options.holders.some((holder) => equal(holder.peer.id, peer.id)),
    );
    const phones = [
      ...options.holders.map((pairing) => askedPhone(pairing, true)),
      ...others.map((pairing) => askedPhone(pairing, false)),
    ];
    const began = clock.monotonic();
    const settlement = new Settlement({
      asked: phones.map(({ pairing }) => pairing.peer.id),
      holders: options.holders.map(({ peer }) => peer.id),
      now: began,
      lifetimeMs,
    });
    return new Promise((resolve) => {
      const open: Open = {
        forms,
        options,
        text: text ?? null,
        settlement,
        coalescingKey: newCoalescingKey(randomBytes),
        phones,
        askedAt: issued,
        began,
        approval: null,
        signature: null,
        cancelTimer: () => undefined,
        unsubscribe: () => undefined,
        resolve,
      };
      for (const form of bothForms) this.#asked.set(toHex(forms.hash(form)), open);
      const withdraw = () => this.#carryOut(open, settlement.withdraw());
      if (options.signal.aborted || this.#closed) {
        withdraw();
        return;
      }
      options.signal.addEventListener('abort', withdraw, { once: true });
      open.unsubscribe = () => options.signal.removeEventListener('abort', withdraw);
      this.#schedule(open);
      for (const phone of phones) this.#deliver(open, phone);
      this.#options.onChange();
    });
  }

  /**
   * A phone has connected, or may have missed something: what is open for it is sent again, and what came of requests that
   * it may show still.
   */
  repeat(pairing: Pairing): void {
    const { id } = pairing.peer;
    for (const { open, settled } of this.#settledLately()) this.#sendSettled(open, settled, id);
    this.#eachOpen(pairing.peer.id, (open, phone) => {
      phone.absent = false;
      this.#deliver(open, phone);
    });
  }

  /** The relay says that a phone is not connected: it is woken. */
  absent(pairing: Pairing): void {
    this.#eachOpen(pairing.peer.id, (_, phone) => {
      phone.absent = true;
      phone.wake?.absent();
    });
  }

  /** A phone has said what this version does not know, perhaps its answer: whoever waits for it hears why there is none. */
  notUnderstood(pairing: Pairing): void {
    this.#eachOpen(pairing.peer.id, (open) => {
      open.options.onNotice({ is: 'not-understood', by: pairing.peer.name });
    });
  }

  /** The pairing is over: nothing of it may be approved any more. */
  forget(pairing: Pairing, why: Gone): void {
    this.#eachOpen(pairing.peer.id, (open, phone) => {
      phone.gone = true;
      phone.unasked = why;
      phone.wake?.[Symbol.dispose]();
      const left = open.phones.some(({ holds, gone }) => holds && !gone);
      if (!left) this.#carryOut(open, open.settlement.fail());
      else this.#takeOut(open, phone, why);
    });
  }

  received(by: DeviceId, hash: RequestHash): void {
    const [open, phone] = this.#find(by, hash);
    if (open === undefined || phone === undefined) return;
    phone.absent = false;
    phone.wake?.[Symbol.dispose]();
    this.#carryOut(open, open.settlement.receive(by, this.#options.clock.monotonic()));
  }

  decided(by: DeviceId, hash: RequestHash, answer: Answer): void {
    const [open, phone] = this.#find(by, hash);
    if (open === undefined || phone === undefined) return;
    const events = open.settlement.answer(by, answer, this.#options.clock.monotonic());
    if (answer.is === 'approve' && events.some(({ is }) => is === 'approval'))
      open.approval = { by: phone, until: answer.until ?? null };
    this.#carryOut(open, events);
  }

  /** A phone fetches a part of the text that it is asked to sign, as long as it may still decide. */
  wanted(by: DeviceId, hash: RequestHash, from: number): void {
    const [open, phone] = this.#find(by, hash);
    const text = open?.text ?? null;
    if (phone === undefined || text === null || phone.form !== 2 || from >= text.length) return;
    // Each part a few times over: connections end, but no phone needs it more often.
    const most = 4 * Math.ceil(text.length / MAX_PART_BYTES) + 16;
    if (phone.parts >= most) return;
    phone.parts += 1;
    // Of use to the phone that asks for it now alone: it asks again.
    this.#send(phone, { kind: 'part', hash, from, bytes: text.subarray(from, from + MAX_PART_BYTES) }, {});
  }

  waiting(): WaitingFact[] {
    return [...new Set(this.#asked.values())].flatMap((open) => {
      const { about } = open.options;
      if (open.settlement.settled !== null || about === null) return [];
      const holders = open.phones.filter(({ holds }) => holds);
      return [
        {
          hash: toHex(this.#hashOf(open)),
          ...about,
          phones: namesOf(open.phones),
          receivedBy: holders.filter(({ received }) => received).map(({ pairing }) => pairing.peer.name),
          askedAt: open.askedAt,
          endsAt: open.askedAt + lifetimeMs,
        },
      ];
    });
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

  #find(by: DeviceId, hash: RequestHash): readonly [Open, AskedPhone] | readonly [] {
    const open = this.#asked.get(toHex(hash));
    const phone = open?.phones.find(({ pairing }) => equal(pairing.peer.id, by));
    return open === undefined || phone === undefined || phone.gone ? [] : [open, phone];
  }

  #eachOpen(id: DeviceId, use: (open: Open, phone: AskedPhone) => void): void {
    for (const open of new Set(this.#asked.values())) {
      const phone = open.phones.find(({ pairing }) => equal(pairing.peer.id, id));
      if (phone !== undefined && !phone.gone && open.settlement.settled === null) use(open, phone);
    }
  }

  /** Requests that are settled, and whose time is not over. */
  *#settledLately(): Iterable<{ readonly open: Open; readonly settled: Settled }> {
    const now = this.#options.clock.monotonic();
    for (const open of new Set(this.#asked.values())) {
      const { settled } = open.settlement;
      if (settled !== null && now - open.began < lifetimeMs) yield { open, settled };
    }
  }

  /** Sends a phone the request, in the form that it understands; one that understands none is out. */
  #deliver(open: Open, phone: AskedPhone): void {
    const verdict = mayBeSent(open.options.question.kind, phone, this.#options.agreed(phone.pairing.peer.id));
    if (verdict === 'wait' || open.settlement.settled !== null) return;
    if (typeof verdict === 'string') return this.#takeOut(open, phone, verdict);
    phone.form = verdict.form;
    this.#send(phone, { kind: 'ask', request: open.forms.bytes(verdict.form) }, this.#carriage(open, 0));
    phone.wake ??= this.#wake(open, phone);
  }

  /** Sees to it that a phone which can say yes is woken when it does not take the request. */
  #wake(open: Open, phone: AskedPhone): Wake | null {
    const { preview, onNotice } = open.options;
    if (!phone.holds || preview === null) return null;
    const endsAt = open.began + lifetimeMs;
    return wakeFor(this.#options, phone.pairing, { hash: this.#hashOf(open, phone), preview, endsAt }, (woken) => {
      phone.woken = woken;
      onNotice({ is: 'woken', by: phone.pairing.peer.name, woken });
    });
  }

  /** A phone that cannot answer, as if it had refused. */
  #takeOut(open: Open, phone: AskedPhone, why: Unasked): void {
    phone.unasked = why;
    if (!phone.holds) return;
    const now = this.#options.clock.monotonic();
    // While its approval is looked at, `act` sees to it.
    const refuse = { is: 'refuse', code: 'unknown-key', skew: null } as const;
    this.#carryOut(open, open.settlement.answer(phone.pairing.peer.id, refuse, now));
  }

  #send(phone: AskedPhone, content: Content, how: Carriage): void {
    const sending = this.#options.send(phone.pairing, content, how).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** For what the request has left to live, and no shorter than `atLeastMs`. */
  #carriage({ began, coalescingKey }: Open, atLeastMs: number): Carriage {
    const leftMs = lifetimeMs - (this.#options.clock.monotonic() - began);
    return { lifetimeMs: Math.max(atLeastMs, leftMs), coalescingKey };
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
          // What came of a push says more.
          if (isUnexplained(open.phones)) open.options.onNotice({ is: 'unreceived', absent: isAbsent(open.phones) });
          break;
        case 'received':
          this.#received(open, event.by);
          break;
        case 'approval':
          void this.#act(open, event.signature);
          break;
        case 'settled':
          this.#settled(open, event.settled);
          break;
        case 'settled-again':
          this.#sendSettled(open, event.settled, event.to);
          break;
      }
    }
    if (open.settlement.settled === null) this.#schedule(open);
    this.#options.onChange();
  }

  #received(open: Open, by: DeviceId): void {
    const phone = open.phones.find(({ pairing }) => equal(pairing.peer.id, by));
    if (phone === undefined) return;
    phone.received = true;
    open.options.onNotice({ is: 'received', by: phone.pairing.peer.name, holds: phone.holds });
  }

  async #act(open: Open, signature: Uint8Array): Promise<void> {
    const good = await open.options.verify(signature).catch(() => false);
    const { settlement, approval } = open;
    if (good && approval?.by.gone !== true) {
      open.signature = signature;
      this.#carryOut(open, settlement.act());
      return;
    }
    open.approval = null;
    this.#carryOut(open, settlement.failAnswer(this.#options.clock.monotonic()));
  }

  #settled(open: Open, settled: Settled): void {
    open.cancelTimer();
    open.unsubscribe();
    for (const { wake } of open.phones) wake?.[Symbol.dispose]();
    open.text = null;
    const { by, outcome, refusal } = settled;
    const approved = outcome === 'approved';
    const phone = open.phones.find(({ pairing }) => by !== null && equal(pairing.peer.id, by));
    const holders = open.phones.filter(({ holds }) => holds);
    const lost = holders.every(({ gone }) => gone) ? (holders.at(-1)?.unasked ?? null) : null;
    open.resolve({
      outcome,
      by: phone?.pairing.peer.name ?? null,
      until: approved ? (open.approval?.until ?? null) : null,
      code: phone?.unasked ?? refusal?.code ?? (outcome === 'failed' ? lost : null),
      skew: refusal?.skew ?? null,
      hash: this.#hashOf(open, phone),
      signature: approved ? open.signature : null,
      received: holders.some(({ received }) => received),
      absent: isAbsent(open.phones),
      woken: holders.findLast(({ woken }) => woken !== null)?.woken ?? null,
    });
    for (const { pairing } of open.phones) this.#sendSettled(open, settled, pairing.peer.id);
    if (this.#closed) return;
    open.cancelTimer = this.#options.clock.after(rememberMs, () => {
      for (const form of bothForms) this.#asked.delete(toHex(open.forms.hash(form)));
    });
  }

  /** To a phone that was sent the request; one of version 1 knows no `passed`. */
  #sendSettled(open: Open, { outcome, by }: Settled, to: DeviceId): void {
    const phone = open.phones.find(({ pairing }) => equal(pairing.peer.id, to));
    if (phone?.form == null) return;
    const agreed = this.#options.agreed(to);
    const old = agreed?.is !== 'speaking' || agreed.protocol < 2;
    const told = old && outcome === 'passed' ? 'withdrawn' : outcome;
    const content: Content = { kind: 'settled', hash: this.#hashOf(open, phone), outcome: told, by };
    this.#send(phone, content, this.#carriage(open, settledMs));
  }

  #hashOf(open: Open, phone = open.phones[0]): RequestHash {
    return open.forms.hash(phone?.form ?? 2);
  }
}

/** 48 random bits, never 0. */
function newCoalescingKey(randomBytes: (length: number) => Uint8Array): number {
  return randomBytes(6).reduce((key, byte) => key * 256 + byte, 0) + 1;
}
