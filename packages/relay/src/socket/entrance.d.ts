import type { RelayErrorCode } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { type Rates } from '../limits.ts';
interface EntranceOptions {
    readonly clock: Clock;
    readonly rates: Rates;
    readonly maxConnections: number;
}
/**
 * How a connection is met: let in; told an error, which costs the relay a little; or turned away unheard, which costs it
 * next to nothing, since an address has gone as far beyond its limit as the limit itself.
 */
export type Welcome = {
    readonly is: 'welcome';
} | {
    readonly is: 'refused';
    readonly code: RelayErrorCode;
    readonly retryAfterMs: number;
} | {
    readonly is: 'turned away';
    readonly retryAfterMs: number;
};
/** Counts connections of all kinds: together and by address, open and begun. An IPv6 network of 64 bits is one. */
export declare class Entrance {
    #private;
    constructor(options: EntranceOptions);
    /** How many connections are open, lines among them. */
    get size(): number;
    /** Meets a connection; all but those turned away are counted as open until {@link leave}. */
    enter(address: string): Welcome;
    /** A connection that was counted has ended. */
    leave(address: string): void;
    /** Remembers nothing any more. */
    close(): void;
}
export {};
