/** Mail as the stream holds it. */
export interface StoredMail {
    /** The number of its delivery. */
    readonly sequence: number;
    /** Ms since 1970 UTC. */
    readonly expiresAt: number;
    /** Null where what the stream holds is not mail of this version. */
    readonly frame: Buffer | null;
}
/** What is published: `u64 when it expires, ms since 1970 UTC ‖ frame`. */
export declare function wrapMail(expiresAt: number, frame: Uint8Array): Buffer;
/** Takes it apart; the frame is a view of `bytes`. */
export declare function unwrapMail(sequence: number, bytes: Uint8Array): StoredMail;
