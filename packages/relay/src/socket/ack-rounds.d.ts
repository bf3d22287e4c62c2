import type { Clock } from '../clock.ts';
/** Somebody with mail that is settled and not acked. */
export interface AcksLate {
    /** Acks what has not gone along with other frames meanwhile. */
    ackLate(): void;
}
/** One clock for all acks that can wait: `limits.ackEveryMs` at most, and a tenth of that less at least. */
export declare class AckRounds {
    #private;
    constructor(clock: Clock);
    /** Has `late` called once, within `limits.ackEveryMs`. */
    add(late: AcksLate): void;
    /** Calls nobody any more. */
    close(): void;
}
