/**
 * Everything that this computer asks goes through here: a request gets an id, an expiry and a hash, is sent to the
 * phones, repeated whenever one says `here`, and settled exactly once.
 */
import type { Answer, RequestHash } from '@palmkey/core/requests';
import type { DeviceId } from '@palmkey/envelope';
import type { WaitingFact } from '../control/protocol.ts';
import type { Pairing } from '../state/pairing-store.ts';
import type { AskOptions, AskResult } from './ask.ts';
import { type AskedPhone, type Gone, mayBeSent, type Unasked } from './asked-phone.ts';
import { AskedRequests } from './asked-requests.ts';
import { OpenRequest, type RequestPorts } from './open-request.ts';
import { RequestPost, type RequestPostOptions } from './request-post.ts';
import { Settling } from './settling.ts';
import { type Wake, type WakePorts, wakeFor } from './wake.ts';

/** Settled requests are remembered so long, so that a late answer gets its `settled` again. */
const rememberMs = 15 * 60_000;

export interface AskPhoneOptions extends WakePorts, RequestPorts, RequestPostOptions {
  readonly onChange: () => void;
}

export class AskPhone {
  readonly #options: AskPhoneOptions;
  readonly #requests = new AskedRequests();
  readonly #post: RequestPost;
  readonly #settling: Settling;
  #closed = false;

  constructor(options: AskPhoneOptions) {
    this.#options = options;
    const { clock, onChange } = options;
    this.#post = new RequestPost(options);
    this.#settling = new Settling({ clock, post: this.#post, onEnded: (ended) => this.#ended(ended), onChange });
  }

  /**
   * Asks the phones. Resolves with how it ended and never later than the limits of spec/requests.md.
   * @throws FormatError at once for a question that no phone would take.
   */
  ask(options: AskOptions): Promise<AskResult> {
    const request = new OpenRequest(this.#options, options);
    this.#requests.add(request);
    const { signal } = options;
    const withdraw = () => this.#settling.carryOut(request, request.settlement.withdraw());
    if (signal.aborted || this.#closed) {
      withdraw();
      return request.result;
    }
    signal.addEventListener('abort', withdraw, { once: true });
    request.unsubscribe = () => signal.removeEventListener('abort', withdraw);
    this.#settling.schedule(request);
    for (const phone of request.phones) this.#deliver(request, phone);
    this.#options.onChange();
    return request.result;
  }

  /**
   * A phone has connected, or may have missed something: what is open for it is sent again, and what came of requests
   * that it may show still.
   */
  repeat({ peer }: Pairing): void {
    for (const [request, settled] of this.#requests.endedWithin(this.#now())) {
      this.#post.settled(request, settled, request.phone(peer.id));
    }
    for (const [request, phone] of this.#requests.openFor(peer.id)) {
      phone.absent = false;
      this.#deliver(request, phone);
    }
  }

  /** The relay says that a phone is not connected: it is woken. */
  absent({ peer }: Pairing): void {
    for (const [, phone] of this.#requests.openFor(peer.id)) {
      phone.absent = true;
      phone.wake?.absent();
    }
  }

  /**
   * A phone has said what this version does not know, perhaps its answer: whoever waits for it hears why there is none.
   */
  notUnderstood({ peer }: Pairing): void {
    for (const [request] of this.#requests.openFor(peer.id)) {
      request.options.onNotice({ is: 'not-understood', by: peer.name });
    }
  }

  /** The pairing is over: nothing of it may be approved any more. */
  forget({ peer }: Pairing, why: Gone): void {
    for (const [request, phone] of this.#requests.openFor(peer.id)) {
      phone.gone = true;
      phone.unasked = why;
      phone.wake?.[Symbol.dispose]();
      const left = request.phones.some(({ holds, gone }) => holds && !gone);
      if (!left) this.#settling.carryOut(request, request.settlement.fail());
      else this.#takeOut(request, phone, why);
    }
  }

  received(by: DeviceId, hash: RequestHash): void {
    const [request, phone] = this.#requests.find(by, hash);
    if (request === undefined || phone === undefined) return;
    phone.absent = false;
    phone.wake?.[Symbol.dispose]();
    this.#settling.carryOut(request, request.settlement.receive(by, this.#now()));
  }

  decided(by: DeviceId, hash: RequestHash, answer: Answer): void {
    const [request, phone] = this.#requests.find(by, hash);
    if (request === undefined || phone === undefined) return;
    const events = request.settlement.answer(by, answer, this.#now());
    if (answer.is === 'approve' && events.some(({ is }) => is === 'approval'))
      request.approval = { by: phone, until: answer.until ?? null };
    this.#settling.carryOut(request, events);
  }

  /** A phone fetches a part of the text that it is asked to sign, as long as it may still decide. */
  wanted(by: DeviceId, hash: RequestHash, from: number): void {
    const [request, phone] = this.#requests.find(by, hash);
    if (request !== undefined && phone !== undefined) this.#post.part(request, phone, from);
  }

  waiting(): WaitingFact[] {
    return [...this.#requests.all()].flatMap((request) => request.waitingFact() ?? []);
  }

  /**
   * Withdraws everything, and what is asked from now on; for the end of the daemon. Resolves once the phones were told.
   */
  async close(): Promise<void> {
    this.#closed = true;
    for (const request of this.#requests.all()) {
      this.#settling.carryOut(request, request.settlement.withdraw());
      request.cancelTimer();
      this.#requests.remove(request);
    }
    await this.#post.sent();
  }

  /** Sends a phone the request, in the form that it understands; one that understands none is out. */
  #deliver(request: OpenRequest, phone: AskedPhone): void {
    const verdict = mayBeSent(request.options.question.kind, phone, this.#options.agreed(phone.pairing.peer.id));
    if (verdict === 'wait' || !request.isOpen) return;
    if (typeof verdict === 'string') return this.#takeOut(request, phone, verdict);
    this.#post.ask(request, phone, verdict.form);
    phone.wake ??= this.#wake(request, phone);
  }

  /** Sees to it that a phone which can say yes is woken when it does not take the request. */
  #wake(request: OpenRequest, phone: AskedPhone): Wake | null {
    const { preview, onNotice } = request.options;
    if (!phone.holds || preview === null) return null;
    const about = { hash: request.hashFor(phone), preview, endsAt: request.endsAt };
    return wakeFor(this.#options, phone.pairing, about, (woken) => {
      phone.woken = woken;
      onNotice({ is: 'woken', by: phone.pairing.peer.name, woken });
    });
  }

  /** A phone that cannot answer, as if it had refused. */
  #takeOut(request: OpenRequest, phone: AskedPhone, why: Unasked): void {
    phone.unasked = why;
    if (!phone.holds) return;
    // While its approval is looked at, whoever does sees to it.
    const refuse = { is: 'refuse', code: 'unknown-key', skew: null } as const;
    this.#settling.carryOut(request, request.settlement.answer(phone.pairing.peer.id, refuse, this.#now()));
  }

  #ended(request: OpenRequest): void {
    if (this.#closed) return this.#requests.remove(request);
    request.cancelTimer = this.#options.clock.after(rememberMs, () => this.#requests.remove(request));
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}
