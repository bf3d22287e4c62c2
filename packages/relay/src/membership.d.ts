import type { AccountId, DeviceId, RendezvousId } from '@palmkey/envelope';
import { AccountDesk } from './account-desk.ts';
import { Admission } from './admission.ts';
import { ChainDesk } from './chain/chain-desk.ts';
import type { Clock } from './clock.ts';
import { GithubSignIn } from './github/sign-in.ts';
import { NewcomerLimit } from './newcomer-limit.ts';
import type { RelayOptions } from './options.ts';
import { RendezvousHall } from './rendezvous.ts';
import type { Member } from './socket/order-ports.ts';
import { AccountStore } from './store/account-store.ts';
import type { Database } from './store/database.ts';
import { DeviceStore } from './store/device-store.ts';
import { Registry } from './store/registry.ts';
import { SignInStore } from './store/sign-in-store.ts';
import { Sweeper } from './store/sweeper.ts';
interface MembershipPorts {
    readonly options: RelayOptions;
    readonly database: Database;
    readonly clock: Clock;
    /** The relay's own origins; asked each time. */
    readonly origins: () => readonly string[];
    /** Tells the other nodes that something has changed at a rendezvous. */
    readonly announce: (id: RendezvousId) => void;
    /** An account has other devices than it had. */
    readonly onAccountChanged: (account: AccountId) => void;
}
/** What a {@link Sweeper} has to know of the connections. */
interface Connections {
    readonly connected: () => Iterable<DeviceId>;
    readonly onForgotten: (members: readonly Member[]) => Promise<void>;
}
/** All that rests on the store of who belongs to this relay, put together. */
export declare class Membership {
    #private;
    readonly devices: DeviceStore;
    readonly accounts: AccountStore;
    readonly registry: Registry;
    readonly signIns: SignInStore;
    readonly newcomers: NewcomerLimit;
    readonly admission: Admission;
    readonly hall: RendezvousHall;
    /** What devices order about their accounts. */
    readonly desk: AccountDesk;
    /** What they order about chains. */
    readonly chains: ChainDesk;
    /** Null where nobody signs in with GitHub. */
    readonly github: GithubSignIn | null;
    constructor(ports: MembershipPorts);
    /** Has the store hold of the operator's lists what they say now. Rejects as the store does. */
    tidy(): Promise<void>;
    /** Begins to rid the store of what is over, until what is returned is disposed of. */
    sweep({ connected, onForgotten }: Connections): Sweeper;
}
export {};
