import { toHex, type DeviceId } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Admission } from '../admission.ts';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import type { RendezvousHall } from '../rendezvous.ts';
import type { DeviceStore } from '../store/device-store.ts';
import type { Connection } from './connection.ts';
import { TokenBucket } from './token-bucket.ts';

interface SwitchboardPorts {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly hall: RendezvousHall;
  readonly devices: DeviceStore;
  readonly logger: Logger;
}

/** Which device is at which connection, and what connections share. */
export class Switchboard {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly hall: RendezvousHall;
  readonly devices: DeviceStore;
  readonly logger: Logger;
  /** How many devices have been removed since the start. */
  removals = 0;
  readonly #admitted = new Map<string, Connection>();
  /** By device, not by connection: connecting again fills no bucket. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(ports: SwitchboardPorts) {
    this.clock = ports.clock;
    this.admission = ports.admission;
    this.hall = ports.hall;
    this.devices = ports.devices;
    this.logger = ports.logger;
  }

  /** How many devices are connected. */
  get size(): number {
    return this.#admitted.size;
  }

  /** The connection of the device whose id stands in a frame, if there is one. */
  recipientOf(frame: Buffer): Connection | undefined {
    return this.#admitted.get(frame.toString('latin1', 16, 32));
  }

  /** Puts a device's connection in the place of its former one, which ends. */
  enter(id: DeviceId, connection: Connection): TokenBucket {
    const key = keyOf(id);
    const former = this.#admitted.get(key);
    this.#admitted.set(key, connection);
    former?.fail('replaced');
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.clock, limits.burstFrames, limits.framesPerSecond);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** A connection ended; the device's place is free unless a newer one has it. */
  leave(id: DeviceId, connection: Connection): void {
    const key = keyOf(id);
    if (this.#admitted.get(key) === connection) this.#admitted.delete(key);
  }

  /** Ends the connection of a device whose admission was taken back. */
  expel(id: DeviceId): void {
    this.removals++;
    this.#admitted.get(keyOf(id))?.fail('removed');
  }

  /** Takes back what a rendezvous admitted, unless it was kept. */
  async withdraw(id: DeviceId): Promise<void> {
    if (await this.devices.withdraw(id)) this.expel(id);
  }

  /** Lets go of what nobody needs any more: buckets of devices that are gone, once they are full again. */
  sweep(): void {
    for (const [key, bucket] of this.#buckets) {
      if (!this.#admitted.has(key) && bucket.isFull()) this.#buckets.delete(key);
    }
  }
}

/** How a device is called in logs: the first 8 hexadecimal digits of its id. */
export function shortName(id: DeviceId): string {
  return toHex(id.subarray(0, 4));
}

function keyOf(id: DeviceId): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}
