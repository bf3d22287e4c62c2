import type { Clock } from './clock.ts';
/** So many within a time. */
export interface Rate {
    readonly count: number;
    readonly withinMs: number;
}
/** How often something may be done under a name: within each of some rates. */
export declare class NamedRates {
    #private;
    constructor(clock: Clock, rates: readonly Rate[]);
    /** Takes one of a name; how long to wait where there is none, ms, and 0 where there was one. */
    take(name: string): number;
}
