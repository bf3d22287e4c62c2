import { ascii, concat } from '@palmkey/envelope';
import { SshFormatError } from './errors.ts';

/**
 * Reads the data types of RFC 4251 §5 from the front of some bytes, strictly: every length is compared with what is
 * there (and with the caller's limit) before anything is made of it, and {@link end} refuses what is left over.
 * Every method throws {@link SshFormatError}.
 */
export class SshReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  /** 0 or 1; RFC 4251 lets every other value mean true, and nobody writes one. */
  bool(): boolean {
    const value = this.byte();
    if (value > 1) throw new SshFormatError('a boolean that is neither 0 nor 1');
    return value === 1;
  }

  /** The bytes of a string of at most `maxBytes`: a copy, so that nobody changes it under its reader. */
  string(maxBytes = Number.MAX_SAFE_INTEGER): Uint8Array<ArrayBuffer> {
    const length = this.uint32();
    if (length > maxBytes) throw new SshFormatError(`a string of ${length} bytes where ${maxBytes} are the most`);
    const start = this.#advance(length);
    return this.#bytes.slice(start, start + length);
  }

  /** A string that is valid UTF-8 of at most `maxBytes` bytes. */
  text(maxBytes = Number.MAX_SAFE_INTEGER): string {
    const bytes = this.string(maxBytes);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new SshFormatError('a text that is not UTF-8', { cause });
    }
  }

  /** A positive mpint of at most `maxBytes` bytes in its only encoding: the magnitude, big-endian, no leading zero. */
  positiveMpint(maxBytes: number): Uint8Array<ArrayBuffer> {
    const bytes = this.string(maxBytes + 1);
    const first = bytes[0];
    if (first === undefined) throw new SshFormatError('a number that is zero');
    if (first >= 0x80) throw new SshFormatError('a number below zero');
    if (first > 0) {
      if (bytes.length > maxBytes) throw new SshFormatError('a number that is too large');
      return bytes;
    }
    if ((bytes[1] ?? 0) < 0x80) throw new SshFormatError('a number with a needless leading zero');
    return bytes.slice(1);
  }

  /** Refuses bytes that are left over. */
  end(): void {
    if (this.remaining > 0) throw new SshFormatError(`${this.remaining} bytes too many`);
  }

  #advance(length: number): number {
    if (length > this.remaining) throw new SshFormatError('bytes end too early');
    const start = this.#offset;
    this.#offset += length;
    return start;
  }
}

/** Writes the data types of RFC 4251 §5, one after the other: `new SshWriter().byte(11).string(key).done()`. */
export class SshWriter {
  readonly #parts: Uint8Array[] = [];

  byte(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  bool(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  uint32(value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    return this.raw(bytes);
  }

  uint64(value: bigint): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value);
    return this.raw(bytes);
  }

  /** The length, then the bytes. */
  string(bytes: Uint8Array): this {
    return this.uint32(bytes.length).raw(bytes);
  }

  /** A string in UTF-8. */
  text(text: string): this {
    return this.string(new TextEncoder().encode(text));
  }

  /** A string whose characters are all ASCII: the names of protocols. */
  name(name: string): this {
    return this.string(ascii(name));
  }

  /** A positive mpint from its big-endian magnitude; leading zeros are dropped. */
  positiveMpint(magnitude: Uint8Array): this {
    let start = 0;
    while (start < magnitude.length && magnitude[start] === 0) start++;
    const digits = magnitude.subarray(start);
    return this.string((digits[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), digits) : digits);
  }

  /** The bytes as they are. */
  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  /** All that was written, in new bytes. */
  done(): Uint8Array<ArrayBuffer> {
    return concat(...this.#parts);
  }
}
