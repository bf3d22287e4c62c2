import type { Duplex } from 'node:stream';
import type { AtTurnsEnd, Turn } from './turn.ts';
/**
 * What goes out on one socket. Frames for it in one turn of the event loop are joined into one write, as WebSocket
 * messages of their own: one system call for many is worth two to five times the throughput of one for each.
 *
 * Messages from a server are neither masked nor, here, compressed. Each write holds whole ones, between which control
 * frames may be put.
 */
export declare class Outgoing implements AtTurnsEnd {
    #private;
    /** `onDrained` is called when the other side has read all of what was more than its socket takes. */
    constructor(socket: Duplex, turn: Turn, onDrained: () => void);
    /** Bytes that the other side has not read yet. */
    get waitingBytes(): number;
    /** Writes a frame at the end of the turn; the frame must not change until then. */
    push(frame: Uint8Array): void;
    onTurnsEnd(): void;
    /** Writes now what waits. */
    flush(): void;
}
