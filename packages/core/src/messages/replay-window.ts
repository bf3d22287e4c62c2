import { FormatError } from '../crypto/index.ts';

/** How many numbers below the highest are told apart. */
export const REPLAY_WINDOW_BITS = 1024;

const WORDS = REPLAY_WINDOW_BITS / 32;
const ENCODED_BYTES = 8 + WORDS * 4;
const MAX_COUNTER = Number.MAX_SAFE_INTEGER;

/**
 * Which numbers of one stream were seen: the highest, and each of the 1,024 below it (spec/envelope.md, "Opening" 6).
 * Bit i of the map stands for highest − 1 − i.
 */
export class ReplayWindow {
  #highest = 0;
  #below = new Uint32Array(WORDS);

  /** The highest number seen; 0 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Notes a number and says whether it is new. What lies below the window counts as replayed. */
  accept(counter: number): 'new' | 'replayed' {
    if (!Number.isSafeInteger(counter) || counter < 1) return 'replayed';
    if (counter > this.#highest) {
      this.#advance(counter - this.#highest);
      this.#highest = counter;
      return 'new';
    }
    const bit = this.#highest - counter - 1;
    if (bit < 0 || bit >= REPLAY_WINDOW_BITS) return 'replayed';
    const word = bit >> 5;
    const mask = 1 << (bit & 31);
    const before = this.#below[word] ?? 0;
    if ((before & mask) !== 0) return 'replayed';
    this.#below[word] = before | mask;
    return 'new';
  }

  /** 136 bytes: u64 highest ‖ the map, bit 0 first, as 32-bit words. */
  encode(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(ENCODED_BYTES);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(this.#highest));
    this.#below.forEach((word, i) => {
      view.setUint32(8 + 4 * i, word);
    });
    return bytes;
  }

  /** Reads what {@link encode} wrote; throws {@link FormatError}. */
  static decode(bytes: Uint8Array): ReplayWindow {
    if (bytes.length !== ENCODED_BYTES) throw new FormatError('no replay window');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const highest = view.getBigUint64(0);
    if (highest > BigInt(MAX_COUNTER)) throw new FormatError('no replay window');
    const window = new ReplayWindow();
    window.#highest = Number(highest);
    window.#below = window.#below.map((_, i) => view.getUint32(8 + 4 * i));
    return window;
  }

  /** Moves the map up by `steps`; the number that was highest becomes one of those below. */
  #advance(steps: number): void {
    const old = this.#below;
    this.#below = new Uint32Array(WORDS);
    if (steps > REPLAY_WINDOW_BITS) return;
    const words = steps >> 5;
    const bits = steps & 31;
    for (let i = WORDS - 1; i >= words; i--) {
      const low = (old[i - words] ?? 0) << bits;
      const carried = bits === 0 ? 0 : (old[i - words - 1] ?? 0) >>> (32 - bits);
      this.#below[i] = low | carried;
    }
    if (this.#highest > 0) {
      const bit = steps - 1;
      this.#below[bit >> 5] = (this.#below[bit >> 5] ?? 0) | (1 << (bit & 31));
    }
  }
}
