import type { HeaderLine } from './header-lines.ts';
import { GitFormatError } from './errors.ts';

/** Takes an object's headers one after the other, in the order that git demands. */
export class HeaderFields {
  readonly #headers: readonly HeaderLine[];
  #next = 0;
  /** Characters of an object's name: 40 (SHA-1) or 64 (SHA-256); every name in the object has as many. */
  #nameLength: 40 | 64 | null = null;

  constructor(headers: readonly HeaderLine[]) {
    this.#headers = headers;
  }

  /** The name of the next header; null after the last. */
  get nextName(): string | null {
    return this.#headers[this.#next]?.name ?? null;
  }

  /** The value of the next header, which has that name and one line. Throws {@link GitFormatError}. */
  value(name: string): Uint8Array {
    const header = this.#headers[this.#next];
    if (header?.name !== name) throw new GitFormatError(`an object whose next header is not ${name}`);
    this.#next++;
    if (header.value.includes(0x0a)) throw new GitFormatError(`a header ${name} of several lines`);
    return header.value;
  }

  /** The name of another object: 40 or 64 lower-case hexadecimal digits. Throws {@link GitFormatError}. */
  objectName(name: string): string {
    const value = this.value(name);
    const length = this.#nameLength ?? value.length;
    if ((length !== 40 && length !== 64) || value.length !== length || !value.every(isHexDigit)) {
      throw new GitFormatError(`a header ${name} that names no object`);
    }
    this.#nameLength = length;
    return String.fromCharCode(...value);
  }

  /** All headers that are left. */
  rest(): readonly HeaderLine[] {
    const rest = this.#headers.slice(this.#next);
    this.#next = this.#headers.length;
    return rest;
  }
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
}
