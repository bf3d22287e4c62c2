import type { DeviceId } from '@palmkey/envelope';
import type { Expelled } from './announcement.ts';
import type { ExpelCode } from './bus.ts';
/** Whom this node has heard to be expelled, so that a node that was away when it was said still hears of it. */
export declare class ExpelledLately {
    #private;
    add(device: DeviceId, code: ExpelCode, at: number): void;
    /** Those since ten minutes before `now`, ms since 1970 UTC. */
    list(now: number): Expelled[];
}
