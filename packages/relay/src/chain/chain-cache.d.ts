import type { ChainState } from '@palmkey/chain';
import { type AccountId } from '@palmkey/envelope';
/**
 * States that replay has reached on this node, so that a post takes the time of its own links. Another node may have
 * taken more: whoever uses one compares its head with the store's.
 */
export declare class ChainCache {
    #private;
    /** `maxLinks`: of all chains together; those that were not used for the longest time are let go of. */
    constructor(maxLinks: number);
    get(chain: AccountId): ChainState | null;
    put(state: ChainState): void;
    drop(chain: AccountId): void;
}
