/** Bodies that wait for a head beyond this are let go of: whoever sent them repeats them. */
const MAX_WAITING = 4_096;

/** What waits until the chain's head was asked (spec/account.md, "Pins"): mail, which stays unacked so long. */
export class ChainGate {
  #open = false;
  #waiting: (() => void)[] = [];

  get isOpen(): boolean {
    return this.#open;
  }

  /** Resolves with true once it is open; with false for one too many. */
  pass(): Promise<boolean> {
    if (this.#open) return Promise.resolve(true);
    if (this.#waiting.length >= MAX_WAITING) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiting.push(() => resolve(true)));
  }

  open(): void {
    this.#open = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** The connection ended, or the chain is doubted. What waits goes on waiting. */
  close(): void {
    this.#open = false;
  }
}
