import { type DeviceId } from '@palmkey/envelope';
import { type Database } from './database.ts';
/** An invitation that is to be good from now on. */
export interface NewInvitation {
    /** SHA-256 of the grant, 32 bytes. */
    readonly grantHash: Uint8Array;
    /** The device that invites into its account; null: the operator, each device into an account of its own. */
    readonly createdBy: {
        readonly device: DeviceId;
        readonly account: Uint8Array;
    } | null;
    /** How many devices it lets in, at least 1. */
    readonly uses: number;
    /** Ms since 1970 UTC, as all times here. */
    readonly createdAt: number;
    readonly expiresAt: number;
}
/** An invitation as the store has it. */
export interface Invitation {
    readonly grantHash: Uint8Array;
    readonly createdBy: Uint8Array | null;
    readonly joins: Uint8Array | null;
    readonly usesLeft: number;
    readonly createdAt: number;
    readonly expiresAt: number;
}
/** The invitations that are still good; `Registry` uses them. */
export declare class InvitationStore {
    #private;
    constructor(database: Database);
    /** Throws `RelayError`: `conflict` for a grant that is in use, `quota` where there are too many. */
    add(invitation: NewInvitation): Promise<void>;
    /** Those that are good at `now`, the oldest first. */
    list(now: number): Promise<readonly Invitation[]>;
    /** Whether there was one to revoke. */
    revoke(grantHash: Uint8Array): Promise<boolean>;
    /** Lets go of those that are over. */
    sweep(now: number): Promise<void>;
}
