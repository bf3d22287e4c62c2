import { type DeviceId, type RendezvousId, type RendezvousSender } from '@palmkey/envelope';
import type { Member } from '../socket/order-ports.ts';
import { type Database } from './database.ts';
/** One message left at a rendezvous. */
export interface RendezvousMessage {
    readonly sender: RendezvousSender;
    readonly seqno: number;
    readonly msg: Uint8Array;
}
/** What a closed rendezvous had admitted, and whether it was that device that its opener named. */
export interface Closed extends Member {
    readonly kept: boolean;
}
/** The rendezvous that are open, the same for every node (spec/relay.md, "Rendezvous"). Methods throw `RelayError`. */
export declare class RendezvousStore {
    #private;
    constructor(database: Database);
    /**
     * Opens one for at most an hour. Where the device has as many as it may, the oldest at which no two have met
     * makes room; returns that one. `conflict`: the id is open already; `rendezvous-full`: too many that are in use, or all together.
     */
    open(id: RendezvousId, opener: DeviceId, now: number): Promise<RendezvousId | undefined>;
    /**
     * Closes one. The device that it admitted is kept if it is `keep`, and otherwise forgotten. Returns which that was, if
     * any. `no-rendezvous` also where another device opened it.
     */
    close(id: RendezvousId, opener: DeviceId, keep: DeviceId | null, now: number): Promise<Closed | undefined>;
    /** Leaves a message. `repeated`: the same was left before; `conflict`: another one under its triple. */
    post(id: RendezvousId, message: RendezvousMessage, now: number): Promise<'posted' | 'repeated'>;
    /** All messages of others than `receiver` with `seqno >= low`, by sender and seqno. Throws `no-rendezvous`. */
    messages(id: RendezvousId, receiver: RendezvousSender, low: number, now: number): Promise<readonly RendezvousMessage[]>;
    isOpen(id: RendezvousId, now: number): Promise<boolean>;
    /**
     * A short number for a rendezvous that the device has open, the same each time until it is used. From then on that
     * rendezvous is no grant: strangers try short numbers.
     */
    allocateNameplate(id: RendezvousId, opener: DeviceId, now: number): Promise<number>;
    /** The rendezvous of a nameplate, which is burnt by it; `no-nameplate` for one that is burnt or was never given. */
    claimNameplate(nameplate: number, now: number): Promise<RendezvousId>;
    /** Ends those that are over. Returns the devices that are forgotten with them: nobody has said to keep them. */
    sweep(now: number): Promise<readonly Member[]>;
}
