import { type Frame } from '@palmkey/envelope';
import type { ChainChange, ChainUser } from './order-ports.ts';
import type { Switchboard } from './switchboard.ts';
/** The answer to an order about chains, and what a post has changed. */
export interface ChainAnswer {
    readonly frame: Uint8Array;
    readonly change: ChainChange | null;
}
/**
 * Does what a device orders about the chain that it is on, or joins (spec/account.md, "At the relay"); null for a frame
 * that is no such order. Throws `RelayError` where the order cannot be followed and `FrameError` where it is none.
 */
export declare function obeyChainOrder(board: Switchboard, by: ChainUser, frame: Frame): Promise<ChainAnswer | null>;
