import type { Clock } from '../clock.ts';
/**
 * Posts that met no leader of the stream. Of a cluster's stream one server is the leader, and when that one ends the
 * others take up to nine seconds to elect another. What nobody took waits here, and what comes after waits behind it.
 */
export declare class ElectionBridge {
    #private;
    /** `publish` gives a post to the stream once more; false where it has been given up. */
    constructor(clock: Clock, publish: (token: number) => boolean);
    /** Whether there is no leader: what comes now is to be held. */
    get isNeeded(): boolean;
    holds(token: number): boolean;
    hold(token: number): void;
    /** Gives the first of them to the stream, to see whether somebody takes it. */
    probe(): void;
    /** A leader has answered a post: all others follow in their order. */
    answered(token: number): void;
    clear(): void;
}
