/** JSON objects, one a line, out of a stream of bytes. */
import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is no control message. */
const longestLine = 1024 * 1024;

export class LineReader {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /**
   * The values of the lines that `chunk` completes.
   * @throws SyntaxError for a line that is not JSON, RangeError for one beyond 1 MiB: the connection is of no more use.
   */
  push(chunk: Buffer): unknown[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestLine) throw new RangeError('line too long');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
  }
}

export function encodeLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
