import type { ChainState, SignedLink } from '@palmkey/chain';
import { RelayError, type DeviceId } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { deviceKey } from '../device-key.ts';

/** The beginning of a chain, as far as a device has given it. */
export interface ChainBeginning {
  readonly state: ChainState;
  readonly links: readonly SignedLink[];
  /** Previous seeds, as they were given. */
  readonly seeds: readonly Uint8Array[];
  /** Of links and seeds, as they were sent. */
  readonly bytes: number;
}

/** How much a node keeps, and for how long. */
export interface ChainPartsLimits {
  /** One beginning. */
  readonly maxBytes: number;
  /** All together. */
  readonly maxBytesInAll: number;
  /** After its last part. */
  readonly lifetimeMs: number;
}

interface Kept {
  readonly beginning: ChainBeginning;
  readonly cancelEnd: () => void;
}

/**
 * Beginnings of chains that are longer than a post, in memory: they are nobody's chain, and nobody sees them, until the
 * device that gave them posts what goes on from there and is a member by it (spec/account.md, "At the relay").
 */
export class ChainParts {
  readonly #clock: Clock;
  readonly #limits: ChainPartsLimits;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(clock: Clock, limits: ChainPartsLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** What a device has given; null for nothing. */
  of(device: DeviceId): ChainBeginning | null {
    return this.#kept.get(deviceKey(device))?.beginning ?? null;
  }

  /**
   * Keeps it in the place of what the device gave before. Throws `RelayError` `quota` where it is longer than a chain
   * may be, `unavailable` where too much is kept already; what was kept is then gone.
   */
  put(device: DeviceId, beginning: ChainBeginning): void {
    const { maxBytes, maxBytesInAll, lifetimeMs } = this.#limits;
    this.drop(device);
    if (beginning.bytes > maxBytes) throw new RelayError('quota');
    if (this.#bytes + beginning.bytes > maxBytesInAll) throw new RelayError('unavailable', lifetimeMs);
    const cancelEnd = this.#clock.after(lifetimeMs, () => this.drop(device));
    this.#bytes += beginning.bytes;
    this.#kept.set(deviceKey(device), { beginning, cancelEnd });
  }

  drop(device: DeviceId): void {
    const key = deviceKey(device);
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    kept.cancelEnd();
    this.#bytes -= kept.beginning.bytes;
    this.#kept.delete(key);
  }
}
