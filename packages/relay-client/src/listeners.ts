/** Those who are called when something happens, in the order in which they came. */
export class Listeners<A extends readonly unknown[], R = unknown> {
  readonly #all = new Set<(...args: A) => R>();

  /** Calls `listener` from now on; what it returns ends that. */
  add(listener: (...args: A) => R): () => void {
    this.#all.add(listener);
    return () => {
      this.#all.delete(listener);
    };
  }

  /** Calls all; returns what they returned. */
  call(...args: A): R[] {
    return [...this.#all].map((listener) => listener(...args));
  }
}
