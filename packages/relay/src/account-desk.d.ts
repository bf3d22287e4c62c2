import type { DeviceId, Invite, RendezvousId } from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import type { AccountOrders, Forgotten, Member } from './socket/order-ports.ts';
import type { AccountStore } from './store/account-store.ts';
import type { InvitationStore } from './store/invitation-store.ts';
import type { RendezvousStore } from './store/rendezvous-store.ts';
interface AccountDeskPorts {
    readonly clock: Clock;
    readonly accounts: AccountStore;
    readonly invitations: InvitationStore;
    readonly rendezvous: RendezvousStore;
}
/** Follows what devices order about their accounts, in the store. */
export declare class AccountDesk implements AccountOrders {
    #private;
    constructor(ports: AccountDeskPorts);
    invite(by: Member, { grantHash, lifetimeS }: Invite): Promise<void>;
    forget(by: Member, device: DeviceId): Promise<Forgotten>;
    deleteAccount(by: Member): Promise<readonly Member[]>;
    allocateNameplate(by: Member, rendezvous: RendezvousId): Promise<number>;
}
export {};
