import { StringDecoder } from 'node:string_decoder';

/** JSON values, one a line, out of a stream of bytes. */
export class JsonLines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #longest: number;
  #pieces: string[] = [];
  #length = 0;

  /** `longest`: characters of a line, beyond which the other side is not what it should be. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The values of the lines that `chunk` completes. Throws SyntaxError for no JSON and RangeError for a line too long. */
  push(chunk: Buffer): unknown[] {
    const [first = '', ...more] = this.#decoder.write(chunk).split('\n');
    const lines: string[] = [];
    this.#add(first);
    for (const piece of more) {
      lines.push(this.#pieces.join(''));
      [this.#pieces, this.#length] = [[], 0];
      this.#add(piece);
    }
    return lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line));
  }

  #add(piece: string): void {
    if (piece === '') return;
    this.#length += piece.length;
    if (this.#length > this.#longest) throw new RangeError('line too long');
    this.#pieces.push(piece);
  }
}

/** A value as one line. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
