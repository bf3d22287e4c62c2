import type { Content } from '@palmkey/core/messages';
import type { HexId } from '../model/hex-id.ts';

/**
 * Whose clock is too far from this device's for messages to be taken (spec/requests.md, "Clocks"). Only a greeting tells:
 * nobody keeps one, so that it is of the moment in which it came, whereas what was kept for a device that was away may
 * just be late.
 */
export class ClockSkews {
  readonly #byComputer = new Map<HexId, number>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** This device's now − the computer's, ms; null while its messages are of this time, or it has sent none. */
  of(id: HexId): number | null {
    return this.#byComputer.get(id) ?? null;
  }

  /** Something of another time came from it; `skewMs` as {@link of}. */
  skewed(id: HexId, kind: Content['kind'], skewMs: number): void {
    if (kind !== 'here' && kind !== 'speaks') return;
    this.#byComputer.set(id, skewMs);
    this.#onChange();
  }

  /** Something of this time came from it, or it is no computer of this device any more. */
  inTime(id: HexId): void {
    if (this.#byComputer.delete(id)) this.#onChange();
  }
}
