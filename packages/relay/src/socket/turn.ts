/** Something that has a word to say once all frames that have arrived in a turn of the event loop were read. */
export interface AtTurnsEnd {
  onTurnsEnd(): void;
}

/**
 * The end of a turn of the event loop: first those who sum up what happened in it (acks) say it, then all that was said
 * is written, so that a socket has one write for a turn.
 */
export class Turn {
  #summing: AtTurnsEnd[] = [];
  #writing: AtTurnsEnd[] = [];
  #scheduled = false;

  /** Has `at` called before anything is written. */
  sum(at: AtTurnsEnd): void {
    this.#summing.push(at);
    this.#schedule();
  }

  /** Has `at` called when everything has been said. */
  write(at: AtTurnsEnd): void {
    this.#writing.push(at);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    const summing = this.#summing;
    this.#summing = [];
    for (const at of summing) at.onTurnsEnd();
    const writing = this.#writing;
    this.#writing = [];
    this.#scheduled = false;
    for (const at of writing) at.onTurnsEnd();
  };
}
