/**
 * The frames that were handed to other nodes lately. A frame that arrives is answered by nothing, so the oldest are
 * forgotten by number and not by time: no timer for each, and the memory is bounded.
 */
export declare class ForwardedLately {
    #private;
    /** The token by which the frame can come back. */
    add(absent: () => void): number;
    /** The frame with this token was not taken by the other node; a token that is forgotten means nothing. */
    returned(token: number): void;
}
