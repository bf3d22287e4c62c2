import { publicDevice } from '@palmkey/core/devices';
import { type DeviceId, faultOf, FrameError, FrameType, parseAuthenticate, parseFrame, toHex } from '@palmkey/envelope';
import type { Attack, Seat } from './attack.ts';

/** How a connection is carried. */
export interface Carrier {
  toDevice(frame: Uint8Array): void;
  toRelay(frame: Uint8Array): void;
  cut(): void;
}

/** The connections that there are, and what the attacks make of their frames. */
export class Seats {
  readonly #attacks: () => readonly Attack[];
  readonly #open = new Set<Taken>();
  #waiting: { readonly device: DeviceId; readonly found: (seat: Seat) => void }[] = [];

  constructor(attacks: () => readonly Attack[]) {
    this.#attacks = attacks;
  }

  /** A connection that begins. */
  take(carrier: Carrier): Taken {
    const taken = new Taken(carrier, this.#attacks, () => {
      this.#waiting = this.#waiting.filter(({ device, found }) => {
        const isIt = taken.device !== null && toHex(taken.device) === toHex(device);
        if (isIt) found(taken);
        return !isIt;
      });
    });
    this.#open.add(taken);
    return taken;
  }

  /** It is over. */
  leave(taken: Taken): void {
    this.#open.delete(taken);
  }

  /** Ends all of them. */
  cut(): void {
    for (const seat of [...this.#open]) seat.cut();
  }

  /** The newest connection of a device; waits for one. */
  of(device: DeviceId): Promise<Seat> {
    const all = [...this.#open].filter((seat) => seat.device !== null && toHex(seat.device) === toHex(device));
    const last = all.at(-1);
    return last ? Promise.resolve(last) : new Promise((found) => this.#waiting.push({ device, found }));
  }
}

/** One connection, with what the attacks do to it. */
export class Taken implements Seat {
  device: DeviceId | null = null;
  readonly #carrier: Carrier;
  readonly #attacks: () => readonly Attack[];
  readonly #onDevice: () => void;

  constructor(carrier: Carrier, attacks: () => readonly Attack[], onDevice: () => void) {
    this.#carrier = carrier;
    this.#attacks = attacks;
    this.#onDevice = onDevice;
  }

  toDevice(frame: Uint8Array): void {
    this.#carrier.toDevice(frame);
  }

  toRelay(frame: Uint8Array): void {
    this.#carrier.toRelay(frame);
  }

  cut(): void {
    this.#carrier.cut();
  }

  /** What the relay is to get in the place of this frame. */
  fromDevice(frame: Uint8Array): readonly Uint8Array[] {
    this.#notice(frame);
    return this.#through(frame, (attack, each) => attack.fromDevice?.(each, this) ?? [each]);
  }

  /** What the device is to get in the place of this frame. */
  fromRelay(frame: Uint8Array): readonly Uint8Array[] {
    return this.#through(frame, (attack, each) => attack.toDevice?.(each, this) ?? [each]);
  }

  #through(frame: Uint8Array, step: (attack: Attack, frame: Uint8Array) => readonly Uint8Array[]) {
    return this.#attacks().reduce<readonly Uint8Array[]>(
      (frames, attack) => frames.flatMap((each) => step(attack, each)),
      [frame],
    );
  }

  #notice(frame: Uint8Array): void {
    if (faultOf(frame) !== undefined || frame[1] !== FrameType.authenticate) return;
    try {
      const { signingKey, agreementKey } = parseAuthenticate(parseFrame(frame).body);
      this.device = publicDevice(signingKey, agreementKey).id;
      this.#onDevice();
    } catch (error) {
      // The relay is to say what is wrong with it.
      if (!(error instanceof FrameError)) throw error;
    }
  }
}
