/** Where a message to a phone goes, and how. */
import type { Peer } from '@palmkey/core/devices';

/** A pairing, or what is left of one. */
export interface Address {
  readonly peer: Peer;
  /** As the phone knows it. */
  readonly relay: string;
}

export interface Carriage {
  /** How long it is of use to a phone that is away, ms; 0, as where left out: not at all. */
  readonly lifetimeMs?: number;
  /** It is kept here until the relay has it on disk, also over a restart. */
  readonly durable?: boolean;
  /** It takes the place of what waits at the relay under the same key, 1 to 2^53 − 1. */
  readonly coalescingKey?: number;
}
