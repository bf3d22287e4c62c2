/** Whoever wants to hear that something which can be shown has changed: once for all changes of a turn. */
export class Changes {
  readonly #listeners = new Set<() => void>();
  #isDue = false;

  /** Calls back from now on; the result ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something has changed. */
  tell(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
