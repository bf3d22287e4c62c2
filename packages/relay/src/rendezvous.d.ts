import { type DeviceId, type RendezvousId, type RendezvousSender } from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import type { Closed, RendezvousMessage, RendezvousStore } from './store/rendezvous-store.ts';
interface HallPorts {
    readonly clock: Clock;
    readonly store: RendezvousStore;
    /** Tells the other nodes that something has changed at a rendezvous. */
    readonly announce: (id: RendezvousId) => void;
}
/**
 * Where two sides that do not know each other meet (spec/relay.md, "Rendezvous"): the rendezvous are in the store, and
 * whoever waits at one waits here. A method throws `RelayError`, and rejects as the store does.
 */
export declare class RendezvousHall {
    #private;
    constructor(ports: HallPorts);
    /**
     * Opens one for at most an hour; an unused one of the same device may be closed for it. `conflict`: the id is open
     * already; `rendezvous-full`: too many.
     */
    open(id: RendezvousId, opener: DeviceId): Promise<void>;
    /**
     * Closes one; returns the device that it admitted, if any: it is forgotten unless it is `keep`. `no-rendezvous` also
     * where another device opened it.
     */
    close(id: RendezvousId, opener: DeviceId, keep: DeviceId | null): Promise<Closed | undefined>;
    /** Leaves a message. `repeated`: the same was left before; `conflict`: another one under its triple. */
    post(id: RendezvousId, message: RendezvousMessage): Promise<'posted' | 'repeated'>;
    /**
     * All messages of others with `seqno >= low`, by sender and seqno; where there are none, waits up to `waitMs` for
     * one to come. Throws `no-rendezvous` if the rendezvous is closed meanwhile.
     */
    messages(id: RendezvousId, receiver: RendezvousSender, low: number, waitMs: number, signal: AbortSignal): Promise<readonly RendezvousMessage[]>;
    /** The rendezvous of a nameplate, which is burnt by it; `no-nameplate` for one that is burnt or was never given. */
    claim(nameplate: number): Promise<RendezvousId>;
    /** Something has changed at a rendezvous, here or at another node: whoever waits there looks again. */
    wake(id: Uint8Array): void;
    /** Answers all who wait: the rendezvous stay open, and are found at the next start. */
    end(): void;
}
export {};
