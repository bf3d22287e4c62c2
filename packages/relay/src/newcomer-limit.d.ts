import type { Clock } from './clock.ts';
/** How many devices that nobody let in may come from one network within an hour, so that nobody fills the store. */
export declare class NewcomerLimit {
    #private;
    constructor(clock: Clock, perHour: number);
    /** Counts one more. Returns 0, or how long to wait, ms, where there were as many as may be. */
    take(address: string): number;
}
