/** What a WebSocket client has said. */
export interface FrameEvents {
    /** A binary message, unmasked, in bytes that nobody else changes; they may be a view of what came in with others. */
    onMessage(bytes: Buffer): void;
    /** A text message begins. */
    onText(): void;
    /** At most 125 bytes. */
    onPing(payload: Buffer): void;
    onPong(): void;
    /** The other side closes, with that code or 1005 for none; nothing more is read. */
    onClose(code: number): void;
}
/** Close codes for what is no WebSocket (RFC 6455 §7.4.1): protocol error, inconsistent data, too big. */
export type Violation = 1002 | 1007 | 1009;
/**
 * Reads the frames of a WebSocket client (RFC 6455 §5), as a server without extensions must: every frame masked, lengths
 * in their shortest form, control frames whole and short, close codes and reasons sound. Whole messages are handed out as
 * views of what came in, unmasked in place four bytes at a time: copying and unmasking byte by byte is a fifth of what a
 * message costs. What is not whole yet is kept in a buffer that grows with what has come, not with what was promised.
 */
export declare class FrameReader {
    #private;
    constructor(maxMessageBytes: number, events: FrameEvents);
    /** Nothing more is read. */
    stop(): void;
    /** Takes bytes as they come, cut anywhere; they are changed and kept. Says what is wrong with them, and stops there. */
    take(chunk: Buffer): Violation | undefined;
}
