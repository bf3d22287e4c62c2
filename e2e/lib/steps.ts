/** The steps of a long test, so that one that does not end fails by its name and not by the clock of the whole test. */

export class Steps {
  readonly #giveUpAt: number;
  readonly #done: string[] = [];
  readonly #more: () => string;

  /** `withinMs`: for all steps together, less than the test may take. `more`: what else a failure is to say. */
  constructor(withinMs: number, more: () => string = () => '') {
    this.#giveUpAt = performance.now() + withinMs;
    this.#more = more;
  }

  /** Waits for a step. Throws, naming it and how long each step before it took, when the time of all is over first. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begunAt = performance.now();
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(
        () => reject(new Error(this.#told(`${name}: not after ${seconds(begunAt)}`))),
        Math.max(0, this.#giveUpAt - begunAt),
      );
      cancel = () => clearTimeout(timer);
    });
    try {
      const result = await Promise.race([work(), late]);
      this.#done.push(`${name}: ${seconds(begunAt)}`);
      return result;
    } finally {
      cancel();
    }
  }

  /** The steps that are done, a line each. */
  toString(): string {
    return this.#done.join('\n');
  }

  #told(failure: string): string {
    return [failure, 'before it', ...this.#done, this.#more()].join('\n');
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
