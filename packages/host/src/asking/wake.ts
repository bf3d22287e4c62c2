/**
 * Wakes a phone that does not take a request, by push through its relay: for that request, and no more than it needs.
 */
import { type Content, cutPreview, type Previewed } from '@palmkey/core/messages';
import type { Agreed, RequestHash } from '@palmkey/core/requests';
import type { DeviceId, PushOutcome } from '@palmkey/envelope';
import { knowsPreviews } from './asked-phone.ts';
import type { Clock } from '../clock.ts';
import type { Pairing } from '../state/pairing-store.ts';

/** What came of a push; a phone that its relay takes for connected is none to wake yet. */
export type Woken = Exclude<PushOutcome, 'connected'>;

/** A phone that is there has said `received` long before. */
const silentForMs = 2_000;
/** A push may be lost, or its service busy: once more, and then it is enough. */
const againAfterMs = 20_000;
const mostPushes = 2;
/**
 * A phone that fell asleep is taken for connected until it has left something unacked for 3 s (spec/relay.md, "Push").
 */
const mostTries = 8;

export interface WakePorts {
  readonly clock: Clock;
  /** What a phone and this computer speak to each other; null before it said so. */
  readonly agreed: (id: DeviceId) => Agreed | null;
  /** Pushes a content, which is of use for so long; null where the phone's relay could not be asked. Never rejects. */
  readonly push: (pairing: Pairing, content: Content, lifetimeMs: number) => Promise<PushOutcome | null>;
}

/** Wakes a phone for a request that has gone out to it, with a preview; `endsAt` by the monotonic clock. */
export function wakeFor(
  { clock, agreed, push }: WakePorts,
  pairing: Pairing,
  { hash, preview, endsAt }: { readonly hash: RequestHash; readonly preview: Previewed; readonly endsAt: number },
  onWoken: (woken: Woken) => void,
): Wake {
  return new Wake({
    clock,
    push: () => {
      if (!knowsPreviews(agreed(pairing.peer.id))) return Promise.resolve(null);
      const content: Content = { kind: 'preview', hash, of: cutPreview(preview) };
      // Monotonic time has fractions, and what a message says of its end has none.
      return push(pairing, content, Math.max(0, Math.floor(endsAt - clock.monotonic())));
    },
    onWoken,
  });
}

export interface WakeOptions {
  readonly clock: Clock;
  /** Pushes; null where the relay could not be asked. Never rejects. */
  readonly push: () => Promise<PushOutcome | null>;
  readonly onWoken: (woken: Woken) => void;
}

export class Wake implements Disposable {
  readonly #options: WakeOptions;
  #pushes = 0;
  #tries = 0;
  #busy = false;
  #over = false;
  #cancel: () => void;

  /** The request has gone out. */
  constructor(options: WakeOptions) {
    this.#options = options;
    this.#cancel = options.clock.after(silentForMs, () => void this.#try());
  }

  /** The relay says that the phone is not connected. */
  absent(): void {
    if (this.#pushes === 0) void this.#try();
  }

  /** The phone has the request, or nobody needs it any more. */
  [Symbol.dispose](): void {
    this.#over = true;
    this.#cancel();
  }

  async #try(): Promise<void> {
    if (this.#busy || this.#over) return;
    this.#busy = true;
    this.#cancel();
    const outcome = await this.#options.push();
    this.#busy = false;
    this.#pushed(outcome);
  }

  #pushed(outcome: PushOutcome | null): void {
    if (this.#over) return;
    const connected = outcome === 'connected';
    this.#tries += 1;
    if (!connected) this.#pushes += 1;
    this.#over = outcome === 'no-registration' || this.#pushes >= mostPushes || this.#tries >= mostTries;
    const waitMs = connected ? silentForMs : againAfterMs;
    if (!this.#over) this.#cancel = this.#options.clock.after(waitMs, () => void this.#try());
    if (outcome !== null && !connected) this.#options.onWoken(outcome);
  }
}
