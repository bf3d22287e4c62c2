import type { DeviceId } from '@palmkey/envelope';

/** One connection of a device, over a WebSocket or a line, as the hostile relay has it in its hand. */
export interface Seat {
  /** Who has authenticated on it, as far as it says so itself; null before. */
  readonly device: DeviceId | null;
  /** Gives the device a frame that the relay did not send. */
  toDevice(frame: Uint8Array): void;
  /** Gives the relay a frame that the device did not send. */
  toRelay(frame: Uint8Array): void;
  /** Cuts it off without a word to either side. */
  cut(): void;
}

/** A request as it came, or as it is to go on. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: Uint8Array;
}

/** An answer as it came, or as it is to go back. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * What a relay does that it should not. What an attack leaves out passes as it is. Frames that are returned go on in that
 * order; none: it is dropped, or held until the attack gives it to a {@link Seat}.
 */
export interface Attack {
  fromDevice?(frame: Uint8Array, seat: Seat): readonly Uint8Array[];
  toDevice?(frame: Uint8Array, seat: Seat): readonly Uint8Array[];
  /** A request about rendezvous, nameplates or chains: what the relay is asked instead, or the answer in its place. */
  asked?(asked: Asked): Asked | Answered | Promise<Asked | Answered>;
  /** The relay's answer to such a request. */
  answered?(asked: Asked, answer: Answered): Answered | Promise<Answered>;
}

/** Whether it is an answer. */
export function isAnswer(value: Asked | Answered): value is Answered {
  return 'status' in value;
}
