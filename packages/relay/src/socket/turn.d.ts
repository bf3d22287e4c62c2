/** Something that has a word to say once all frames that have arrived in a turn of the event loop were read. */
export interface AtTurnsEnd {
    onTurnsEnd(): void;
}
/**
 * The end of a turn of the event loop: first those who sum up what happened in it (acks) say it, then all that was said
 * is written, so that a socket has one write for a turn.
 */
export declare class Turn {
    #private;
    /** Has `at` called before anything is written. */
    sum(at: AtTurnsEnd): void;
    /** Has `at` called when everything has been said. */
    write(at: AtTurnsEnd): void;
}
