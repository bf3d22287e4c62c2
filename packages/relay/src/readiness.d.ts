import type { Bus } from './bus/bus.ts';
import type { Clock } from './clock.ts';
import type { PostOffice } from './post/post-office.ts';
import type { Database } from './store/database.ts';
/** What a relay may have to wait for before it can be used. */
export type WaitsFor = 'store' | 'bus' | 'draining';
interface ReadinessPorts {
    readonly clock: Clock;
    readonly database: Database;
    readonly post: Pick<PostOffice, 'waitsFor'>;
    /** Null where the relay is one node alone. */
    readonly bus: Pick<Bus, 'connected'> | null;
}
/** Whether the relay can be used now (spec/relay.md, "Other HTTP"). */
export declare class Readiness {
    #private;
    constructor(ports: ReadinessPorts);
    /** From now on it goes down. */
    drain(): void;
    get isDraining(): boolean;
    /** What it waits for; empty when it is ready. Never rejects. */
    waitsFor(): Promise<readonly WaitsFor[]>;
}
export {};
