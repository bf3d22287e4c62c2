/** JSON objects, one a line, out of a stream of bytes. */
import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is no control message. */
const longestLine = 1024 * 1024;
/** Except for the text of a commit: 8 MiB in base64url, and what stands around it. */
const longestGitLine = 12 * 1024 * 1024;
/** How such a line begins, as {@link encodeLine} writes a call. */
const gitCall = /^\{"id":\d{1,15},"call":"git-sign",/;

export class LineReader {
  readonly #decoder = new StringDecoder('utf8');
  /** The line that has not ended yet, as it came. */
  #pieces: string[] = [];
  #length = 0;

  /**
   * The values of the lines that `chunk` completes.
   * @throws SyntaxError for a line that is not JSON, RangeError for one beyond 1 MiB, or 12 MiB for a `git-sign`: the
   * connection is of no more use.
   */
  push(chunk: Buffer): unknown[] {
    const [first = '', ...more] = this.#decoder.write(chunk).split('\n');
    const lines: string[] = [];
    this.#add(first);
    for (const piece of more) {
      lines.push(this.#pieces.join(''));
      [this.#pieces, this.#length] = [[], 0];
      this.#add(piece);
    }
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
  }

  #add(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length <= longestLine) return;
    if (this.#length > longestGitLine || !gitCall.test(this.#beginning())) throw new RangeError('line too long');
  }

  #beginning(): string {
    const [first = ''] = this.#pieces;
    return first.length >= 64 ? first : this.#pieces.join('').slice(0, 64);
  }
}

export function encodeLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
