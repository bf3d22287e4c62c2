/** More than waits on an honest relay's window (spec/relay.md, "Mail"); what comes beyond it is passed over. */
const maxWaiting = 4_096;

/** Holds back what may not be opened yet, in the order of its coming. */
export class ChainGate {
  #waiting: (() => void)[] = [];
  #ended = false;

  /** Resolves once `mayPass` is so, which is asked whenever something has changed; false where that will not be. */
  async pass(mayPass: () => boolean): Promise<boolean> {
    while (!this.#ended && !mayPass()) {
      if (this.#waiting.length >= maxWaiting) return false;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return !this.#ended;
  }

  /** Something has changed. */
  look(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }

  /** Nothing passes any more. */
  end(): void {
    this.#ended = true;
    this.look();
  }
}
