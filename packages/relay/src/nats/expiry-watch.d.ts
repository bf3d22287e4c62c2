import type { DeviceId } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
/** Mail that this node has put into the stream. */
export interface Watched {
    readonly sequence: number;
    readonly from: DeviceId;
    readonly to: DeviceId;
    /** The number that its sender gave it. */
    readonly number: number;
}
/** Names the mail of this node whose time is over, by the second. A node that ends takes its watch with it. */
export declare class ExpiryWatch {
    #private;
    constructor(clock: Clock, expired: (mail: readonly Watched[]) => void);
    add(expiresAt: number, mail: Watched): void;
    close(): void;
}
