import { toHex, type RendezvousId, type RendezvousSender } from '@palmkey/envelope';
import { RendezvousRequests, type RendezvousRequestOptions } from './rendezvous-requests.ts';

/** What one side of a rendezvous works with. */
export interface HttpRendezvousOptions extends RendezvousRequestOptions {
  readonly id: RendezvousId;
  /** 16 random bytes, made for this rendezvous. */
  readonly sender: RendezvousSender;
  /** Ends the tries of `post`; `next` is given its own. */
  readonly signal?: AbortSignal;
}

/** How long one poll waits at the relay. */
const POLL_MS = 25_000;
/** With somebody there already, how long a poll for that sender may keep this side from seeing another. */
const SHORT_POLL_MS = 2_000;
/** Between polls that bring nothing but what is known. */
const PAUSE_MS = 1_000;

/**
 * One side's view of a rendezvous over HTTP (spec/relay.md, "Rendezvous"), as pairing needs it. Fails as
 * {@link RendezvousRequests} do.
 */
export class HttpRendezvous {
  readonly #options: HttpRendezvousOptions;
  readonly #requests: RendezvousRequests;
  #lastPosted = 0;
  /** By sender (hexadecimal), the number of its next message. */
  readonly #expected = new Map<string, number>();
  readonly #arrived: Uint8Array[] = [];

  constructor(options: HttpRendezvousOptions) {
    this.#options = options;
    this.#requests = new RendezvousRequests(options);
  }

  /** Leaves this side's next message; the same may reach the relay twice, which counts it once. */
  async post(message: Uint8Array): Promise<void> {
    const { id, sender, signal } = this.#options;
    const seqno = ++this.#lastPosted;
    await this.#requests.post(id, { sender, seqno, message }, signal);
  }

  /** The next message of another side: each sender's in order, each once. Rejects with the signal's reason. */
  async next(signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const message = this.#arrived.shift();
      if (message) return message;
      if (this.#expected.size === 0) {
        await this.#poll(1, POLL_MS, signal);
        continue;
      }
      // `low` is one number for all senders: a long poll for the next message of those that are known would hide the
      // first of one that is not, and whoever squats on a rendezvous must not hide the other side.
      await this.#poll(1, 0, signal);
      if (this.#arrived.length > 0) continue;
      const known = await this.#poll(Math.min(...this.#expected.values()), SHORT_POLL_MS, signal);
      if (known > 0 && this.#arrived.length === 0) await this.#requests.pause(PAUSE_MS, signal);
    }
  }

  /** Fetches what is there from `low` on and keeps what is new; returns how many messages came. */
  async #poll(low: number, pollMs: number, signal: AbortSignal): Promise<number> {
    const { id, sender: self } = this.#options;
    const messages = await this.#requests.get(id, self, low, pollMs, signal);
    for (const { sender, seqno, message } of messages) {
      const key = toHex(sender);
      const expected = this.#expected.get(key) ?? 1;
      if (seqno !== expected) continue;
      this.#expected.set(key, expected + 1);
      this.#arrived.push(message);
    }
    return messages.length;
  }
}
