import type { Grant } from '@palmkey/envelope';
import type { RelayDevice } from './handshake.ts';
import type { Outbox } from './outbox.ts';
import type { SocketPort, Timers } from './ports.ts';
import type { CursorStore } from './received-mail.ts';

/** What a client works with. */
export interface RelayClientOptions {
  /** The relay's URL origin, as dialled and as signed. */
  readonly relay: string;
  readonly device: RelayDevice;
  readonly sockets: SocketPort;
  readonly timers: Timers;
  /** Random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** Lets a device in that the relay does not know yet. */
  readonly grant?: Grant;
  /** Durable messages that are not settled; one in memory where left out. */
  readonly outbox?: Outbox;
  /** Where this device's mail goes on; in memory where left out. */
  readonly cursor?: CursorStore;
}

/** How a body is sent. */
export interface SendOptions {
  /** How long it is of use, ms; 0, as where left out, is for a recipient that is connected now. */
  readonly lifetimeMs?: number;
  /**
   * It survives a crash of the relay; only with a lifetime. True: it waits in the outbox until the relay has it on disk.
   * `once`: it is sent now or not at all, because the sender keeps it, or may change its mind.
   */
  readonly durable?: boolean | 'once';
  /** It replaces what has not been sent on under the same key, 1 to 2^53 − 1; not for durable ones. */
  readonly coalescingKey?: number;
}
