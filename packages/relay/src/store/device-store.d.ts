import { type AccountId, type DeviceId } from '@palmkey/envelope';
import type { AccountBook } from '../socket/order-ports.ts';
import type { Database } from './database.ts';
import type { AdmittedVia } from './schema.ts';
/** What the relay knows of a device that it has let in. */
export interface KnownDevice {
    readonly account: AccountId;
    readonly admittedVia: AdmittedVia;
    /** Days since 1970 UTC; 0 for never. */
    readonly seenOn: number;
    /** By itself or with its account. */
    readonly blocked: boolean;
}
/** The devices that a relay knows. */
export declare class DeviceStore implements AccountBook {
    #private;
    /** `open`: whether a device counts as known that nothing but an open relay let in. */
    constructor({ db }: Database, { open }: {
        readonly open: boolean;
    });
    /** A device that is known at `now`, blocked or not; null for any other. */
    find(id: DeviceId, now: number): Promise<KnownDevice | null>;
    accountOf(id: DeviceId): Promise<AccountId | null>;
    devicesOf(account: AccountId): Promise<readonly DeviceId[]>;
    /** The device is connected on that day, days since 1970 UTC. */
    see(id: DeviceId, day: number): Promise<void>;
}
/** The day of a time in ms since 1970 UTC, as `devices.seen_on` counts them. */
export declare function dayOf(now: number): number;
