/** Randomness that follows from a number: the same seed gives the same run on every machine. */
export class Random {
  readonly #state = new Uint32Array(4);

  /** `seed` and `name` together begin the stream, so that each target has its own whatever else runs. */
  constructor(seed: number, name = '') {
    let mixed = (seed ^ hashOf(name)) >>> 0;
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e37_79b9) >>> 0;
      this.#state[i] = splitmix(mixed);
    }
  }

  /** 32 bits: xoshiro128** (Blackman and Vigna, 2018). */
  next(): number {
    const s = this.#state;
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = s;
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const c = s2 ^ s0;
    const d = s3 ^ s1;
    s[1] = s1 ^ c;
    s[0] = s0 ^ d;
    s[2] = c ^ (s1 << 9);
    s[3] = rotate(d, 11);
    return result;
  }

  /** A whole number from 0 to `below` − 1; 0 when there is none. */
  below(below: number): number {
    return below <= 1 ? 0 : this.next() % below;
  }

  /** True one time in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of them. Throws RangeError for none. */
  pick<T>(from: readonly T[]): T {
    const found = from[this.below(from.length)];
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() >>> 24);
  }
}

/** 32 bits of FNV-1a. */
export function hashOf(data: string | Uint8Array): number {
  let hash = 0x811c_9dc5;
  const add = (byte: number) => (hash = Math.imul(hash ^ byte, 0x0100_0193));
  if (typeof data === 'string') for (let i = 0; i < data.length; i++) add(data.charCodeAt(i));
  else for (const byte of data) add(byte);
  return hash >>> 0;
}

/** The finalizer of splitmix32, which turns neighbouring seeds into unlike states. */
function splitmix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85eb_ca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2_ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
