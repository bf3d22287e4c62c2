import type { Logger } from 'pino';
import type { Bus } from './bus/bus.ts';
import type { Clock } from './clock.ts';
import type { Meter } from './metrics/meter.ts';
import type { RelayOptions } from './options.ts';
import type { PostEvents, PostOffice } from './post/post-office.ts';
import type { Database } from './store/database.ts';
/** How this process stands to the other nodes of its relay, if there are any. */
export interface Nodes {
    readonly bus: Bus;
    /** Called once. Throws {@link RelayStartError} `bus-keeps-no-mail` where it does not. */
    openPost(events: PostEvents): Promise<PostOffice>;
    /** Bytes that mail takes in this process's memory; null where it is kept elsewhere. */
    mailBytes(): number | null;
    /** After bus and post office have ended. */
    close(): Promise<void>;
}
/** What every part of a relay works with. */
export interface NodesPorts {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly database: Database;
    readonly meter: Meter;
}
/** One node alone, or one of several on a bus. Throws {@link RelayStartError} where that cannot be used. */
export declare function joinNodes(options: RelayOptions, ports: NodesPorts): Promise<Nodes>;
