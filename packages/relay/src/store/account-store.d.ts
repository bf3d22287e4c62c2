import { type AccountId, type DeviceId } from '@palmkey/envelope';
import { type Database } from './database.ts';
import type { Forgotten, Member } from '../socket/order-ports.ts';
import type { AccountsTable, DevicesTable } from './schema.ts';
/** A device or an account, for the operator. */
export type Subject = {
    readonly kind: 'device';
    readonly id: DeviceId;
} | {
    readonly kind: 'account';
    readonly id: AccountId;
};
/** A device as it is listed. */
export interface ListedDevice extends Omit<DevicesTable, 'signing_key' | 'agreement_key'> {
    /** The device that has registered for push; null if it has not. */
    readonly push: Uint8Array | null;
}
/** An account as it is listed. */
export interface ListedAccount extends AccountsTable {
    readonly devices: number;
    /** The id of its chain, and how many links that has; null where it has none. */
    readonly chain: Uint8Array | null;
    readonly links: number | null;
}
/** Ends what was let in: by a device, by the operator, by time. What is returned is for the caller to disconnect. */
export declare class AccountStore {
    #private;
    constructor(database: Database);
    /** Forgets a device that `by` let in, or `by` itself. One that the operator has blocked is nobody's. */
    forget(id: DeviceId, by: DeviceId): Promise<Forgotten>;
    /**
     * Forgets an account with its chain and its devices, but those that are blocked. Throws `RelayError` `conflict` if `by`
     * is not its founder, and where it has a chain, if `by` is not a member there.
     */
    deleteOwn(account: AccountId, by: DeviceId): Promise<readonly Member[]>;
    /** Forgets a device, or an account with all its devices, blocked or not. Null where there is none. */
    remove(subject: Subject): Promise<readonly Member[] | null>;
    /** Blocks at that time, or with null no more. Returns the devices that it concerns; null where there is none such. */
    block(subject: Subject, at: number | null): Promise<readonly Member[] | null>;
    /** By age, at most `limit`. */
    listAccounts(limit: number): Promise<readonly ListedAccount[]>;
    /** By age, at most `limit`; all, or those of one account. */
    listDevices(limit: number, account?: AccountId): Promise<readonly ListedDevice[]>;
    /**
     * Forgets the devices that were last connected, or let in, more than so many days ago: not those that the operator
     * let in, nor those that are blocked, nor one that is active on a chain (the recovery words may never connect) as long
     * as another of its account is not due. Returns them.
     */
    sweep(now: number, retentionDays: number): Promise<readonly Member[]>;
}
