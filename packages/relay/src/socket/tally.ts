/**
 * Counts what a connection has sent as mail, and how much of it, from the first without a gap, is settled. What the
 * disk holds up is overtaken by what is only kept in memory, so settling comes in any order.
 */
export class Tally {
  #sent = 0;
  #settled = 0;
  /** Settled before all that came before it. */
  #early: Set<number> | null = null;

  /** How many have been settled, all before included. */
  get settled(): number {
    return this.#settled;
  }

  /** The number of the next message, from 1. */
  next(): number {
    return ++this.#sent;
  }

  /** A message is settled; each once. */
  settle(number: number): void {
    if (number !== this.#settled + 1) {
      (this.#early ??= new Set()).add(number);
      return;
    }
    this.#settled = number;
    while (this.#early?.delete(this.#settled + 1)) this.#settled++;
    if (this.#early?.size === 0) this.#early = null;
  }
}
