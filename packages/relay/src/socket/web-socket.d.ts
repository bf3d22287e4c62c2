import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Connection } from './connection.ts';
import { type FrameEvents } from './frame-reader.ts';
import type { Turn } from './turn.ts';
import type { Wire } from './wire.ts';
interface WebSocketOptions {
    readonly socket: Socket;
    readonly address: string;
    readonly turn: Turn;
    readonly clock: Clock;
    /** Makes what is at the end of this wire. */
    readonly connect: (wire: Wire) => Connection;
    /** The socket is gone. */
    readonly onGone: () => void;
}
/** One WebSocket on a socket whose handshake is done (RFC 6455): frames in, frames out, pings, and the closing. */
export declare class WebSocketWire implements Wire, FrameEvents {
    #private;
    readonly address: string;
    readonly connection: Connection;
    /** Pings that were not answered. */
    missedPings: number;
    constructor({ socket, address, turn, clock, connect, onGone }: WebSocketOptions);
    get waitingBytes(): number;
    push(frame: Uint8Array): void;
    end(closeCode: number): void;
    /** Takes bytes that the socket has read. */
    take(chunk: Buffer): void;
    /** Asks whether the other side is there; cuts it off when it has not answered for too long. */
    ping(): void;
    onMessage(bytes: Buffer): void;
    onText(): void;
    onPing(payload: Buffer): void;
    onPong(): void;
    onClose(code: number): void;
}
export {};
