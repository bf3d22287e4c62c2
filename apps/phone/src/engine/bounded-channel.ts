import type { RendezvousChannel } from '@palmkey/core/pairing';
import { RelayClientError } from '@palmkey/relay-client';
import type { Clock } from './ports.ts';

/** How long a message may take to reach the relay. */
const POST_LIMIT_MS = 20_000;

/** A rendezvous whose posts end: a relay that cannot be reached is said to be so, rather than tried for ever. */
export class BoundedChannel implements RendezvousChannel {
  readonly #channel: RendezvousChannel;
  readonly #clock: Clock;

  constructor(channel: RendezvousChannel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  /** Rejects with {@link RelayClientError} `not-connected` after 20 s, and with what the channel rejects with. */
  async post(message: Uint8Array): Promise<void> {
    const done = new AbortController();
    const late = this.#clock.after(POST_LIMIT_MS, done.signal).then(
      () => Promise.reject(new RelayClientError('not-connected')),
      () => undefined,
    );
    try {
      await Promise.race([this.#channel.post(message), late]);
    } finally {
      done.abort();
    }
  }

  next(signal: AbortSignal): Promise<Uint8Array> {
    return this.#channel.next(signal);
  }
}
