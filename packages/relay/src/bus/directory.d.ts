import type { AccountId, DeviceId } from '@palmkey/envelope';
/** A device that is connected at a node. */
export interface Presence {
    readonly device: DeviceId;
    readonly account: AccountId;
    /** When it connected there, as {@link Stamp}. */
    readonly at: number;
}
type OnPresence = (account: AccountId, device: DeviceId, present: boolean) => void;
/** Which devices are connected at other nodes, as far as this one has heard. */
export declare class Directory {
    #private;
    constructor(onPresence: OnPresence);
    /** At which node a device is, if at any other. */
    nodeOf(device: DeviceId): string | undefined;
    devicesOf(account: AccountId): DeviceId[];
    /** A device is at a node, unless it is known to have gone elsewhere after that. */
    put(node: string, presence: Presence): void;
    /** A device has left a node; if it was there since `at` or before. */
    remove(node: string, device: DeviceId, at: number): void;
    /** These are all the devices that were at a node at a time; what came later stays. */
    replaceAll(node: string, presences: readonly Presence[], at: number): void;
    /** A node is gone with all its devices. */
    removeNode(node: string): void;
}
export {};
