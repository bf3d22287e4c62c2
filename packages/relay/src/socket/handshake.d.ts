import type { IncomingMessage } from 'node:http';
/** The answer to a sound WebSocket handshake (RFC 6455 §4.2), or the status that refuses it. */
export type Handshake = {
    readonly is: 'accepted';
    readonly answer: string;
} | {
    readonly is: 'refused';
    readonly status: string;
};
/** Reads a handshake. No extension and no subprotocol is agreed to, whatever was offered. */
export declare function readHandshake({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): Handshake;
