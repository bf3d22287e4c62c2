import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Entrance } from './entrance.ts';
import type { Switchboard } from './switchboard.ts';
interface SocketServerOptions {
    readonly switchboard: Switchboard;
    readonly entrance: Entrance;
    /** Whether the last address of `X-Forwarded-For` is believed. */
    readonly trustProxy: boolean;
}
/**
 * The WebSockets of the relay: upgrades, pings, ends.
 *
 * The `Origin` header is not looked at. It protects credentials that a browser adds by itself, and here there are
 * none: a device signs the challenge with its own key, over the origin it dialled (spec/relay.md, "Connecting"), and
 * the app may be served from another origin than the relay's.
 */
export declare class SocketServer {
    #private;
    constructor(options: SocketServerOptions);
    /** Takes an HTTP upgrade; what is not for {@link SOCKET_PATH} is refused. */
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
    /** How many sockets are open, those that are nobody's yet counted in. */
    get size(): number;
    /**
     * Lets nobody in any more and tells every device that the relay goes down: few at once, many spread over `overMs`, so
     * that they do not all come back elsewhere together. Resolves when all have gone, 2 s after the last at the latest.
     */
    drain(overMs: number): Promise<void>;
}
export {};
