import type { Server } from 'node:http';
/**
 * Connections that have asked for nothing yet: browsers and Node's `fetch` open some in advance. A server of Node that
 * closes waits for them, and does not count them among those that are idle.
 */
export declare class QuietConnections {
    #private;
    constructor(server: Server);
    /** Ends those of which not a byte has come. */
    end(): void;
}
