/**
 * Carries out what a request's settlement says: tells whoever waits, looks at an approval, and ends the request once.
 */
import type { SettlementEvent } from '@palmkey/core/requests';
import type { DeviceId } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { isAbsent, isUnexplained } from './asked-phone.ts';
import type { OpenRequest } from './open-request.ts';
import type { RequestPost } from './request-post.ts';

export interface SettlingOptions {
  readonly clock: Clock;
  readonly post: RequestPost;
  /** It has ended, and phones are being told: whether it is remembered is the caller's. */
  readonly onEnded: (request: OpenRequest) => void;
  readonly onChange: () => void;
}

export class Settling {
  readonly #options: SettlingOptions;

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** Waits for the settlement's next deadline, in the place of the one before. */
  schedule(request: OpenRequest): void {
    request.cancelTimer();
    const at = request.settlement.nextTickAt;
    if (at === null) return;
    const { clock } = this.#options;
    request.cancelTimer = clock.after(Math.max(0, at - clock.monotonic()), () =>
      this.carryOut(request, request.settlement.tick(clock.monotonic())),
    );
  }

  carryOut(request: OpenRequest, events: readonly SettlementEvent[]): void {
    const { post, onEnded, onChange } = this.#options;
    const { phones, options } = request;
    for (const event of events) {
      switch (event.is) {
        case 'unreceived':
          // What came of a push says more.
          if (isUnexplained(phones)) options.onNotice({ is: 'unreceived', absent: isAbsent(phones) });
          break;
        case 'received':
          received(request, event.by);
          break;
        case 'approval':
          void this.#act(request, event.signature);
          break;
        case 'settled':
          request.end(event.settled);
          for (const phone of phones) post.settled(request, event.settled, phone);
          onEnded(request);
          break;
        case 'settled-again':
          post.settled(request, event.settled, request.phone(event.to));
          break;
      }
    }
    if (request.isOpen) this.schedule(request);
    onChange();
  }

  /** Acts on an approval whose signature is one, and whose phone is still one of this computer when that is known. */
  async #act(request: OpenRequest, signature: Uint8Array): Promise<void> {
    const good = await request.options.verify(signature).catch(() => false);
    const { settlement, approval } = request;
    if (good && approval?.by.gone !== true) {
      request.signature = signature;
      this.carryOut(request, settlement.act());
      return;
    }
    request.approval = null;
    this.carryOut(request, settlement.failAnswer(this.#options.clock.monotonic()));
  }
}

function received(request: OpenRequest, by: DeviceId): void {
  const phone = request.phone(by);
  if (phone === undefined) return;
  phone.received = true;
  request.options.onNotice({ is: 'received', by: phone.pairing.peer.name, holds: phone.holds });
}
