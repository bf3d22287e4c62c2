import width from 'fast-string-width';
import type { Screen } from '../cli.ts';

/** A few lines at the end of a terminal's output that are written anew in place. */
export class LiveBlock {
  readonly #screen: Screen;
  #lines: readonly string[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Puts these lines where the last ones stood. Nothing is written when nothing changed. */
  show(lines: readonly string[]): void {
    if (lines.length === this.#lines.length && lines.every((line, index) => line === this.#lines[index])) return;
    this.redraw(lines);
  }

  /** Like {@link show}, also when nothing changed: after the terminal changed its size. */
  redraw(lines: readonly string[] = this.#lines): void {
    const rows = this.#rows();
    const back = rows === 0 ? '' : `\u001b[${rows}A\r`;
    this.#lines = lines;
    this.#screen.write(`${back}\u001b[J${lines.map((line) => `${line}\n`).join('')}`);
  }

  /** Leaves the lines where they stand; the next ones go below. */
  leave(): void {
    this.#lines = [];
  }

  /** How many rows of the terminal the lines take, those that were wrapped included. */
  #rows(): number {
    const columns = this.#screen.columns ?? 80;
    return this.#lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(width(line) / columns)), 0);
  }
}
