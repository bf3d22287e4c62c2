/** One request that phones are asked: what it is, what is known of each phone since, and how it ended. */
import { MAX_PART_BYTES, parseRequestId, type RequestHash, type Settled, Settlement } from '@palmkey/core/requests';
import { type DeviceId, equal, toHex } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { WaitingFact } from '../control/protocol.ts';
import type { AskOptions, AskResult } from './ask.ts';
import { type AskedPhone, askedPhone, bothForms, type Form, isAbsent, namesOf } from './asked-phone.ts';
import { RequestForms } from './request-forms.ts';

/** The longest that the limits of spec/requests.md let a request wait: 30 s until `received` and 60 s more. */
const lifetimeMs = 90_000;

/** What a request is made with. */
export interface RequestPorts {
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
}

export class OpenRequest {
  readonly options: Omit<AskOptions, 'text'>;
  readonly phones: readonly AskedPhone[];
  readonly settlement: Settlement;
  /** What came of the request takes the place of the request, where a phone has not come for it yet. */
  readonly coalescingKey: number;
  /** Ms since 1970. */
  readonly askedAt: number;
  /** By the monotonic clock; so is {@link endsAt}. */
  readonly began: number;
  readonly endsAt: number;
  /** Resolves once, with how it ended. */
  readonly result: Promise<AskResult>;
  /** The phone whose approval is being looked at, and the end of the permission that gave it. */
  approval: { readonly by: AskedPhone; readonly until: number | null } | null = null;
  /** What is handed out if it is approved. */
  signature: Uint8Array | null = null;
  cancelTimer: () => void = () => undefined;
  /** Lets go of the signal of whoever asked. */
  unsubscribe: () => void = () => undefined;
  readonly #forms: RequestForms;
  /** Held as long as it may be fetched, and no longer: it can be 8 MiB. */
  #text: Uint8Array | null;
  #resolve: (result: AskResult) => void = () => undefined;

  /** @throws FormatError for a question that no phone would take. */
  constructor({ clock, randomBytes }: RequestPorts, { text, ...options }: AskOptions) {
    this.options = options;
    this.#text = text ?? null;
    this.askedAt = clock.now();
    this.began = clock.monotonic();
    this.endsAt = this.began + lifetimeMs;
    const id = parseRequestId(randomBytes(16));
    const expires = this.askedAt + lifetimeMs;
    this.#forms = new RequestForms({ ...options.question, id, issued: this.askedAt, expires });
    this.coalescingKey = newCoalescingKey(randomBytes);
    this.phones = phonesOf(options);
    this.settlement = new Settlement({
      asked: this.phones.map(({ pairing }) => pairing.peer.id),
      holders: options.holders.map(({ peer }) => peer.id),
      now: this.began,
      lifetimeMs,
    });
    this.result = new Promise((resolve) => (this.#resolve = resolve));
  }

  get isOpen(): boolean {
    return this.settlement.settled === null;
  }

  bytes(form: Form): Uint8Array {
    return this.#forms.bytes(form);
  }

  /** As that phone knows it; of one that was sent nothing yet, as it will. */
  hashFor(phone = this.phones[0]): RequestHash {
    return this.#forms.hash(phone?.form ?? 2);
  }

  /** By each of these a phone may name it. */
  hashes(): RequestHash[] {
    return bothForms.map((form) => this.#forms.hash(form));
  }

  phone(id: DeviceId): AskedPhone | undefined {
    return this.phones.find(({ pairing }) => equal(pairing.peer.id, id));
  }

  /**
   * A part of the text for a phone that may still decide; null where it is due none. Counted: each a few times over.
   */
  takePart(phone: AskedPhone, from: number): Uint8Array | null {
    const text = this.#text;
    if (text === null || phone.form !== 2 || from >= text.length) return null;
    // Connections end, but no phone needs a part more often.
    const most = 4 * Math.ceil(text.length / MAX_PART_BYTES) + 16;
    if (phone.parts >= most) return null;
    phone.parts += 1;
    return text.subarray(from, from + MAX_PART_BYTES);
  }

  /** For lists of what waits; null where it does not, or is not to be listed. */
  waitingFact(): WaitingFact | null {
    const { about } = this.options;
    if (!this.isOpen || about === null) return null;
    return {
      hash: toHex(this.hashFor()),
      ...about,
      phones: namesOf(this.phones),
      receivedBy: this.phones
        .filter(({ holds, received }) => holds && received)
        .map(({ pairing }) => pairing.peer.name),
      askedAt: this.askedAt,
      endsAt: this.askedAt + lifetimeMs,
    };
  }

  /** Lets go of all that it held, and answers whoever asked. */
  end(settled: Settled): void {
    this.cancelTimer();
    this.unsubscribe();
    for (const { wake } of this.phones) wake?.[Symbol.dispose]();
    this.#text = null;
    this.#resolve(resultOf(this, settled));
  }
}

function phonesOf({ holders, others = [] }: Pick<AskOptions, 'holders' | 'others'>): AskedPhone[] {
  const rest = others.filter(({ peer }) => !holders.some((holder) => equal(holder.peer.id, peer.id)));
  return [...holders.map((pairing) => askedPhone(pairing, true)), ...rest.map((pairing) => askedPhone(pairing, false))];
}

function resultOf(request: OpenRequest, { outcome, by, refusal }: Settled): AskResult {
  const { phones, approval, signature } = request;
  const approved = outcome === 'approved';
  const phone = by === null ? undefined : request.phone(by);
  const holders = phones.filter(({ holds }) => holds);
  const lost = holders.every(({ gone }) => gone) ? (holders.at(-1)?.unasked ?? null) : null;
  return {
    outcome,
    by: phone?.pairing.peer.name ?? null,
    until: approved ? (approval?.until ?? null) : null,
    code: phone?.unasked ?? refusal?.code ?? (outcome === 'failed' ? lost : null),
    skew: refusal?.skew ?? null,
    hash: request.hashFor(phone),
    signature: approved ? signature : null,
    received: holders.some(({ received }) => received),
    absent: isAbsent(phones),
    woken: holders.findLast(({ woken }) => woken !== null)?.woken ?? null,
  };
}

/** 48 random bits, never 0. */
function newCoalescingKey(randomBytes: (length: number) => Uint8Array): number {
  return randomBytes(6).reduce((key, byte) => key * 256 + byte, 0) + 1;
}
