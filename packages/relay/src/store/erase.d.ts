import type { Transaction } from 'kysely';
import type { Member } from '../socket/order-ports.ts';
import type { Schema } from './schema.ts';
/**
 * Forgets devices and all that is kept of them but their mail: registrations for push, invitations, rendezvous, grants,
 * accounts that nobody is left in and nobody has blocked, and chains that nobody is known of who is active there. Returns who they were. To be called on the topics `rendezvous`
 * and `admission`.
 */
export declare function eraseDevices(transaction: Transaction<Schema>, rows: readonly {
    readonly id: Uint8Array;
}[]): Promise<readonly Member[]>;
/** Forgets rendezvous and what was left there. A device that one admitted is the caller's to withdraw. */
export declare function eraseRendezvous(transaction: Transaction<Schema>, ids: readonly Uint8Array[]): Promise<void>;
/** Forgets those of the accounts that have no device and are not blocked, and the chains that nobody is left of. */
export declare function eraseEmptyAccounts(transaction: Transaction<Schema>, ids: readonly Uint8Array[]): Promise<void>;
