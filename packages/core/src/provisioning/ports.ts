import type { RendezvousId, RendezvousSender } from '@palmkey/envelope';
import type { Clock } from '../timing/deadline.ts';

/** One message of a rendezvous, as the relay gives it: nothing in it is believed. */
export interface RoutedMessage {
  readonly sender: RendezvousSender;
  readonly seqno: number;
  readonly message: Uint8Array;
}

/** Port: the rendezvous of a relay (spec/relay.md, "Rendezvous"), or anything else that carries messages by triples. */
export interface MessageRouter {
  /** Posts at most 16 KiB under a triple that is used once; the same again is no error. Rejects when it gives up. */
  post(
    rendezvous: RendezvousId,
    sender: RendezvousSender,
    seqno: number,
    message: Uint8Array,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * All messages of other senders with a seqno of at least `low`, by sender and seqno. With none it waits up to `pollMs`
   * for one, then gives none. Rejects when it gives up.
   */
  get(
    rendezvous: RendezvousId,
    receiver: RendezvousSender,
    low: number,
    pollMs: number,
    signal: AbortSignal,
  ): Promise<readonly RoutedMessage[]>;
}

/** What an exchange needs of its surroundings. */
export interface KexDeps {
  readonly router: MessageRouter;
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
}
