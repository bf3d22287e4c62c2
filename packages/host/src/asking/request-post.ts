/** What goes out to the phones of a request: the request, parts of its text, and what came of it. */
import type { Content } from '@palmkey/core/messages';
import type { Agreed, Settled } from '@palmkey/core/requests';
import type { DeviceId } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { Carriage } from '../lines/carriage.ts';
import type { Pairing } from '../state/pairing-store.ts';
import type { AskedPhone, Form } from './asked-phone.ts';
import type { OpenRequest } from './open-request.ts';

/** How long a phone that is away can still come for how it ended, at least. */
const settledMs = 60_000;

export interface RequestPostOptions {
  readonly clock: Clock;
  /** What a phone and this computer speak to each other; null before it said so. */
  readonly agreed: (id: DeviceId) => Agreed | null;
  /**
   * Never rejects; what could not be sent is sent again when the phone says `here`. With a lifetime it waits at the
   * relay for a phone that is away.
   */
  readonly send: (pairing: Pairing, content: Content, how: Carriage) => Promise<unknown>;
}

export class RequestPost {
  readonly #options: RequestPostOptions;
  /** What is being sealed and sent. */
  readonly #sending = new Set<Promise<unknown>>();

  constructor(options: RequestPostOptions) {
    this.#options = options;
  }

  /** The request, which waits for the phone as long as it lives. */
  ask(request: OpenRequest, phone: AskedPhone, form: Form): void {
    phone.form = form;
    this.#send(phone, { kind: 'ask', request: request.bytes(form) }, this.#carriage(request, 0));
  }

  /** A part of the text, of use to the phone that asks for it now alone: it asks again. */
  part(request: OpenRequest, phone: AskedPhone, from: number): void {
    const bytes = request.takePart(phone, from);
    if (bytes !== null) this.#send(phone, { kind: 'part', hash: request.hashFor(phone), from, bytes }, {});
  }

  /** How it ended, to a phone that was sent the request; one of version 1 knows no `passed`. */
  settled(request: OpenRequest, { outcome, by }: Settled, phone: AskedPhone | undefined): void {
    if (phone?.form == null) return;
    const agreed = this.#options.agreed(phone.pairing.peer.id);
    const isOld = agreed?.is !== 'speaking' || agreed.protocol < 2;
    const told = isOld && outcome === 'passed' ? 'withdrawn' : outcome;
    const content: Content = { kind: 'settled', hash: request.hashFor(phone), outcome: told, by };
    this.#send(phone, content, this.#carriage(request, settledMs));
  }

  /** Resolves once nothing is under way any more. */
  async sent(): Promise<void> {
    await Promise.all(this.#sending);
  }

  #send(phone: AskedPhone, content: Content, how: Carriage): void {
    const sending = this.#options.send(phone.pairing, content, how).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** For what the request has left to live, and no shorter than `atLeastMs`. */
  #carriage({ endsAt, coalescingKey }: OpenRequest, atLeastMs: number): Carriage {
    return { lifetimeMs: Math.max(atLeastMs, endsAt - this.#options.clock.monotonic()), coalescingKey };
  }
}
