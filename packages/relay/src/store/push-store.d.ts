import type { DeviceId, PushRegistration } from '@palmkey/envelope';
import type { Database } from './database.ts';
/** Where devices are reached that are away, one registration a device. Everything rejects as the store does. */
export declare class PushStore {
    #private;
    constructor({ db }: Pick<Database, 'db'>);
    /** Takes the place of the device's former registration. `now`: ms since 1970 UTC. */
    put(device: DeviceId, { endpoint, p256dh, auth }: PushRegistration, now: number): Promise<void>;
    find(device: DeviceId): Promise<PushRegistration | null>;
    remove(device: DeviceId): Promise<void>;
    /** Removes a registration that its service calls gone, unless the device has registered anew since. */
    removeDead(device: DeviceId, endpoint: string): Promise<void>;
}
