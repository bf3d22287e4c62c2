/** The way to a device as a connection sees it: a WebSocket, or a line over HTTP. */
export interface Wire {
    /** The other side's network address, for the log. */
    readonly address: string;
    /** Bytes that the other side has not read yet. */
    readonly waitingBytes: number;
    /**
     * Sends a frame by the end of this turn of the event loop. Whoever makes the wire calls `Connection.drained` when
     * `waitingBytes` falls to nothing after it was more.
     */
    push(frame: Uint8Array): void;
    /** Sends what was pushed, then closes with a WebSocket close code, then cuts off whoever does not answer. */
    end(closeCode: number): void;
}
