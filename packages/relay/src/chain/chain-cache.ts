import type { ChainState } from '@palmkey/chain';
import { toHex, type AccountId } from '@palmkey/envelope';

/** What a chain costs beside its links, counted as so many of them. */
const CHAIN_COSTS = 32;

/**
 * States that replay has reached on this node, so that a post takes the time of its own links. Another node may have
 * taken more: whoever uses one compares its head with the store's.
 */
export class ChainCache {
  readonly #maxLinks: number;
  readonly #states = new Map<string, ChainState>();
  #links = 0;

  /** `maxLinks`: of all chains together; those that were not used for the longest time are let go of. */
  constructor(maxLinks: number) {
    this.#maxLinks = maxLinks;
  }

  get(chain: AccountId): ChainState | null {
    return this.#states.get(toHex(chain)) ?? null;
  }

  put(state: ChainState): void {
    this.drop(state.account);
    this.#states.set(toHex(state.account), state);
    this.#links += costOf(state);
    for (const oldest of this.#states.values()) {
      if (this.#links <= this.#maxLinks) break;
      this.drop(oldest.account);
    }
  }

  drop(chain: AccountId): void {
    const former = this.get(chain);
    if (former === null) return;
    this.#states.delete(toHex(chain));
    this.#links -= costOf(former);
  }
}

function costOf({ head }: ChainState): number {
  return head.seqno + CHAIN_COSTS;
}
