import type { Clock } from '../clock.ts';
import type { Connection } from '../socket/connection.ts';
import type { Entrance } from '../socket/entrance.ts';
import type { Wire } from '../socket/wire.ts';
import { Line } from './line.ts';
/** What the lines share. */
interface LineHallPorts {
    readonly clock: Clock;
    readonly connect: (wire: Wire) => Pick<Connection, 'receive' | 'fail' | 'gone' | 'drained'>;
    /** Where lines are counted as connections. */
    readonly entrance: Entrance;
}
/** All lines of this relay, by their tokens. */
export declare class LineHall {
    #private;
    constructor(ports: LineHallPorts);
    /**
     * Begins a line; its token: 32 random bytes, base64url. Throws `RelayError` `draining`, `too-many-connections`,
     * `rate-limited`.
     */
    open(address: string): string;
    /** The line with a token; throws `RelayError` `no-line`. */
    line(token: string): Line;
    /** Tells every device that the relay goes down. What waits to be fetched is answered at once. */
    drain(): void;
    /** Ends all that is left. */
    close(): void;
}
export {};
