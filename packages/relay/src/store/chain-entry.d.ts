import type { ChainDevice } from '@palmkey/chain';
import { type AccountId, type DeviceId } from '@palmkey/envelope';
import type { Transaction } from 'kysely';
import type { Member } from '../socket/order-ports.ts';
import type { Schema } from './schema.ts';
/** Devices that a chain adds, and into which of the relay's accounts. */
interface Entry {
    readonly devices: readonly ChainDevice[];
    /** The one of them that begins the chain, and is of the account already; null where the chain is there. */
    readonly founder: DeviceId | null;
    readonly chain: AccountId;
    readonly account: AccountId;
    readonly via: 'open' | 'chain';
    /** Ms since 1970 UTC. */
    readonly now: number;
    /** How many the relay knows at most. */
    readonly maxDevices: number;
    /** The first link of the post. */
    readonly seqno: number;
}
/** What letting them in has changed. */
export interface Entered {
    /** Those that were of another account, and of which. */
    readonly moved: readonly Member[];
}
/**
 * Lets in the devices that a chain adds, also those that the relay knew under another account: they leave it, and it is
 * forgotten if nobody is left. Throws `RelayError` `quota`, and `bad-chain` with `other-account` for a device that is
 * active on another chain here and `blocked` for one that the operator has blocked. To be called on the topics
 * `rendezvous` and `admission`.
 */
export declare function admitByChain(transaction: Transaction<Schema>, entry: Entry): Promise<Entered>;
export {};
