import {
  BytesError,
  fromBase64Url,
  parseRendezvousId,
  RelayError,
  type RendezvousId,
  type RendezvousSender,
} from '@palmkey/envelope';
import * as v from 'valibot';
import { RelayClientError } from './errors.ts';
import { RendezvousRequests, type RendezvousMessage, type RendezvousRequestOptions } from './rendezvous-requests.ts';

/** Between two looks at a rendezvous that nobody has opened yet, ms. */
const NOT_OPEN_YET_MS = 1_000;

const nameplateAnswer = v.object({ id: v.string() });

/**
 * Carries messages by triples through the rendezvous of a relay, as provisioning needs it (spec/provisioning.md): what
 * core calls a `MessageRouter`. Fails as {@link RendezvousRequests} do, with `no-rendezvous` where it is closed.
 */
export class HttpRouter {
  readonly #requests: RendezvousRequests;

  constructor(options: RendezvousRequestOptions) {
    this.#requests = new RendezvousRequests(options);
  }

  /** Posts at most 16 KiB under a triple that is used once; the same again is no error. */
  post(
    rendezvous: RendezvousId,
    sender: RendezvousSender,
    seqno: number,
    message: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#requests.post(rendezvous, { sender, seqno, message }, signal);
  }

  /** Messages of others with a seqno of at least `low`; with none the relay waits up to `pollMs` for one. */
  get(
    rendezvous: RendezvousId,
    receiver: RendezvousSender,
    low: number,
    pollMs: number,
    signal: AbortSignal,
  ): Promise<readonly RendezvousMessage[]> {
    return this.#requests.get(rendezvous, receiver, low, Math.floor(pollMs), signal);
  }

  /** Resolves when somebody has opened the rendezvous; looks each second. `self` is any sender of one's own. */
  async opened(rendezvous: RendezvousId, self: RendezvousSender, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#requests.get(rendezvous, self, 1, 0, signal);
        return;
      } catch (error) {
        if (!(error instanceof RelayError && error.code === 'no-rendezvous')) throw error;
      }
      await this.#requests.pause(NOT_OPEN_YET_MS, signal);
    }
  }

  /**
   * The rendezvous of a nameplate (a u32), which is burnt by it. Rejects with `no-nameplate` for one that is burnt or was
   * never given, and at once with `rate-limited`: a relay lets an address try ten a minute.
   */
  async claimNameplate(nameplate: number, signal: AbortSignal): Promise<RendezvousId> {
    const answer = v.safeParse(nameplateAnswer, await this.#requests.ask(`/v1/nameplates/${nameplate}`, signal));
    if (!answer.success) throw new RelayClientError('not-a-relay');
    try {
      return parseRendezvousId(fromBase64Url(answer.output.id));
    } catch (error) {
      if (error instanceof BytesError) throw new RelayClientError('not-a-relay', error);
      throw error;
    }
  }
}
