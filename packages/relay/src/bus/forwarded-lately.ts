/** How many frames that were handed to other nodes can still come back as `absent`. */
const REMEMBERED = 4_096;

/**
 * The frames that were handed to other nodes lately. A frame that arrives is answered by nothing, so the oldest are
 * forgotten by number and not by time: no timer for each, and the memory is bounded.
 */
export class ForwardedLately {
  readonly #slots: ({ token: number; absent: () => void } | undefined)[] = Array.from({ length: REMEMBERED });
  #next = 1;

  /** The token by which the frame can come back. */
  add(absent: () => void): number {
    const token = this.#next++;
    this.#slots[token % REMEMBERED] = { token, absent };
    return token;
  }

  /** The frame with this token was not taken by the other node; a token that is forgotten means nothing. */
  returned(token: number): void {
    const slot = this.#slots[token % REMEMBERED];
    if (slot?.token !== token) return;
    this.#slots[token % REMEMBERED] = undefined;
    slot.absent();
  }
}
