import type { DeviceId } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Member } from '../socket/order-ports.ts';
import type { AccountStore } from './account-store.ts';
import type { ChainGrantStore } from './chain-grant-store.ts';
import { type DeviceStore } from './device-store.ts';
import type { InvitationStore } from './invitation-store.ts';
import type { RendezvousStore } from './rendezvous-store.ts';
import type { SignInStore } from './sign-in-store.ts';
interface SweeperPorts {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly devices: DeviceStore;
    readonly accounts: AccountStore;
    readonly rendezvous: RendezvousStore;
    readonly invitations: InvitationStore;
    readonly chainGrants: ChainGrantStore;
    readonly signIns: SignInStore;
    /** After how many days a device that was not connected is forgotten. */
    readonly retentionDays: number;
    /** The devices that are connected here. */
    readonly connected: () => Iterable<DeviceId>;
    /** The store has forgotten these devices: their connections end, and what else is kept of them goes. */
    readonly onForgotten: (members: readonly Member[]) => Promise<void>;
}
/** Rids the store of what is over, now and then. Every node does: each finds what the others have left. */
export declare class Sweeper implements AsyncDisposable {
    #private;
    /** Sweeps at once, and from then on every half minute. */
    constructor(ports: SweeperPorts);
    [Symbol.asyncDispose](): Promise<void>;
}
export {};
