import { type AccountId, type DeviceId, type Grant } from '@palmkey/envelope';
import { type Database } from './database.ts';
/** What a grant that a device has shown lets it do. */
export type GrantUse = 
/** It may join a chain, until then, ms since 1970 UTC. */
{
    readonly is: 'joining';
    readonly chain: AccountId;
    readonly expiresAt: number;
}
/** It was revoked from that chain: it never comes back. */
 | {
    readonly is: 'revoked';
}
/** Nothing: it is no such grant, is over, another device's, or the device is on the chain already. */
 | {
    readonly is: 'nothing';
};
/** The grants by which new devices join chains (spec/relay.md, "Admission"). Everything rejects as the store does. */
export declare class ChainGrantStore {
    #private;
    constructor(database: Database);
    /**
     * Keeps a grant, by its SHA-256, from a member of a chain. Throws `RelayError`: `no-chain` for any other device,
     * `conflict` for a grant that is there, `quota` where there are too many.
     */
    add(grantHash: Uint8Array, by: DeviceId, chain: AccountId, now: number): Promise<void>;
    /** A device shows a grant: the first one that does has it for itself, as often as it connects, until it has joined. */
    use(grant: Grant, device: DeviceId, now: number): Promise<GrantUse>;
    /** Lets go of those that are over. */
    sweep(now: number): Promise<void>;
}
