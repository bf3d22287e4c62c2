import { type AccountId, type DeviceId } from '@palmkey/envelope';
import type { ExpelCode } from './bus/bus.ts';
import type { Clock } from './clock.ts';
import { type Subject } from './store/account-store.ts';
import type { Database } from './store/database.ts';
import type { AdmittedVia } from './store/schema.ts';
/** What an operator's order means to a relay that runs; an {@link Operator} on the store alone has none. */
export interface RunningRelay {
    isConnected(device: DeviceId): boolean;
    /** Ends the connections of a device on every node; `removed`: what is kept of it elsewhere goes too. */
    expel(device: DeviceId, code: ExpelCode): Promise<void>;
    /** What any node remembers of the account's devices is not true any more. */
    accountChanged(account: AccountId): void;
}
/** A device, as the operator sees it. */
export interface DeviceFact {
    readonly id: DeviceId;
    readonly account: AccountId;
    readonly via: AdmittedVia;
    readonly admittedBy: DeviceId | null;
    /** Ms since 1970 UTC. */
    readonly createdAt: number;
    /** The day on which it was last connected, ms since 1970 UTC of its beginning; null for never. */
    readonly seenOn: number | null;
    /** Null where no relay runs that could know. */
    readonly connected: boolean | null;
    readonly hasPush: boolean;
    /** Since when, ms since 1970 UTC; null if it is not. Its account may be. */
    readonly blockedAt: number | null;
}
/** An account, as the operator sees it. */
export interface AccountFact {
    readonly id: AccountId;
    readonly createdAt: number;
    /** GitHub's number of the person who signed in. */
    readonly githubUser: number | null;
    readonly devices: number;
    /** Its chain: the id, and how many links it has; null where it has none. */
    readonly chain: {
        readonly id: AccountId;
        readonly links: number;
    } | null;
    readonly blockedAt: number | null;
}
/** An invitation, as the operator sees it. */
export interface InvitationFact {
    /** By which it is revoked, 32 bytes. Nobody is let in by it: it is a hash of the grant. */
    readonly id: Uint8Array;
    /** The account that its device will join; null: one of its own. */
    readonly joins: AccountId | null;
    readonly usesLeft: number;
    readonly createdAt: number;
    readonly expiresAt: number;
}
/**
 * What whoever runs a relay may order, on its store. Where the relay runs in this process it is told, and every order
 * takes effect at once. Every method rejects as the store does.
 */
export declare class Operator {
    #private;
    constructor(database: Database, clock: Clock, relay: RunningRelay | null);
    /** The accounts by age, at most `limit`. */
    accounts(limit?: number): Promise<readonly AccountFact[]>;
    /** The devices by age, at most `limit`, all or those of one account. */
    devices({ account, limit }?: {
        account?: AccountId;
        limit?: number;
    }): Promise<readonly DeviceFact[]>;
    /** Disconnects a device or the devices of an account, and lets them in no more. False where it is not known. */
    block(subject: Subject): Promise<boolean>;
    /** Takes a block back. A device stays out for as long as its account is blocked. False where it is not known. */
    unblock(subject: Subject): Promise<boolean>;
    /** Forgets a device, or an account with its devices; they may come again as strangers. False where it is not known. */
    remove(subject: Subject): Promise<boolean>;
    /** Makes an invitation; its code is shown once and known to nobody else. `uses` at least 1. */
    invite({ uses, lifetimeMs }: {
        uses: number;
        lifetimeMs: number;
    }): Promise<NewInvitation>;
    /** The invitations that are good, the oldest first. */
    invitations(): Promise<readonly InvitationFact[]>;
    /** Whether there was one to revoke. */
    revoke(id: Uint8Array): Promise<boolean>;
}
/** An invitation that was made. */
export interface NewInvitation {
    /** For the person who is invited: `XXXXX-XXXXX-XXXXX-XXXXX`. */
    readonly code: string;
    readonly id: Uint8Array;
    readonly expiresAt: number;
}
