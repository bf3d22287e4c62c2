import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines of a stream, one at a time, for whoever asks next. Reading begins with the first question. */
export class TypedLines {
  readonly #input: Readable;
  #reader: Interface | undefined;
  #lines: string[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(input: Readable) {
    this.#input = input;
  }

  /** The next line, or undefined when the stream has ended. Throws what `signal` was aborted with. */
  async next(signal: AbortSignal): Promise<string | undefined> {
    this.#begin();
    const woken = () => this.#wake();
    signal.addEventListener('abort', woken);
    try {
      for (;;) {
        signal.throwIfAborted();
        const line = this.#lines.shift();
        if (line !== undefined) return line;
        if (this.#ended) return undefined;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', woken);
    }
  }

  /** Lets go of the stream, so that the process may end. */
  close(): void {
    this.#reader?.close();
    this.#input.pause();
  }

  #begin(): void {
    if (this.#reader !== undefined) return;
    this.#reader = createInterface({ input: this.#input });
    this.#reader.on('line', (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    this.#reader.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }
}
