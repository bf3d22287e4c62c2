import type pg from 'pg';
import type { Clock } from '../clock.ts';
/**
 * A pool that lets a database alone that was not there a moment ago. A busy relay asks its store hundreds of times a
 * second, and one that recovers from a crash would spend its time, and fill its log, with saying no to each. Who asks in
 * the meantime hears at once what the last dial met.
 */
export declare class PatientPool {
    #private;
    constructor(pool: pg.Pool, clock: Pick<Clock, 'steady'>);
    /** A connection of the pool. Rejects as the pool does, or as it did. */
    connect(): Promise<pg.PoolClient>;
    end(): Promise<void>;
}
