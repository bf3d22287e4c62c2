import type { Clock } from '../clock.ts';
import type { Connection } from '../socket/connection.ts';
import type { Wire } from '../socket/wire.ts';
/** Frames that have been sent on a line, as one fetch gets them. */
export interface Fetched {
    /** The index of the first, which is that of the next one where there is none; the first of a line has 1. */
    readonly from: number;
    readonly frames: readonly Uint8Array[];
}
/** What a line needs. */
interface LinePorts {
    readonly clock: Clock;
    /** The other side's network address, for the log. */
    readonly address: string;
    readonly connect: (wire: Wire) => Pick<Connection, 'receive' | 'fail' | 'gone' | 'drained'>;
    /** The line is over and nobody can use it any more. */
    readonly onOver: () => void;
}
/** A connection whose frames are carried by HTTP requests (spec/relay.md, "lines"). */
export declare class Line implements Wire {
    #private;
    readonly address: string;
    constructor(ports: LinePorts);
    /** Bytes that the other side has not let go of yet. */
    get waitingBytes(): number;
    push(frame: Uint8Array): void;
    end(): void;
    /** Says that the relay goes down, which can still be fetched. */
    drain(): void;
    /** Whoever is on the other side has closed the line, or has been silent for too long. */
    close(): void;
    /**
     * Takes the frames of a post, each once; throws `RelayError` `conflict` for a seqno that is not the next, `bad-frame`
     * for a body that is not frames, `no-line` once the line has ended.
     */
    receive(seqno: number, body: Buffer): void;
    /**
     * The frames after the `after`-th, as many as 1 MiB holds; waits for one for at most `waitMs`, or until `gone` aborts.
     * What is at or before it is let go of. Throws `RelayError` `bad-frame` for an index that was not sent yet.
     */
    fetch(after: number, waitMs: number, gone: AbortSignal): Promise<Fetched>;
}
/** The body of an answer, `u32 length ‖ frame` each. */
export declare function joinFrames(frames: readonly Uint8Array[]): Buffer;
export {};
