import type { SignedLink } from '@palmkey/chain';
import type { ChainNote } from '@palmkey/core/account';

/** Keeps links behind those that are kept, and the note that goes with them, before it returns. */
export type SaveChain = (links: readonly SignedLink[], note: ChainNote) => void;

/** What a follower saves before it is known whether its chain is this computer's. */
export class WaitingSaves {
  #links: readonly SignedLink[] = [];
  #note: ChainNote;
  #pass: SaveChain | null = null;

  /** `note`: what is kept of the chain so far. */
  constructor(note: ChainNote) {
    this.#note = note;
  }

  get links(): readonly SignedLink[] {
    return this.#links;
  }

  get note(): ChainNote {
    return this.#note;
  }

  /** For the follower. */
  save(links: readonly SignedLink[], note: ChainNote): void {
    if (this.#pass !== null) return this.#pass(links, note);
    this.#links = [...this.#links, ...links];
    this.#note = note;
  }

  /** It is, and what there is was kept: what the follower saves from now on goes there. */
  passTo(save: SaveChain): void {
    this.#pass = save;
  }
}
