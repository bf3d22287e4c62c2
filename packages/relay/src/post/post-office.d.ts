import type { DeviceId, RelayErrorCode, Resume } from '@palmkey/envelope';
/** A message that waits for its recipient (spec/relay.md, "Mail"). */
export interface Mail {
    readonly to: DeviceId;
    readonly from: DeviceId;
    /** The sender's bytes, a sound frame; `peer` holds the sender already, the last field still the coalescing key. */
    readonly frame: Buffer;
    /** When it is of no use any more, ms since 1970 UTC, the relay's own limit counted in. */
    readonly expiresAt: number;
    /** The recipient's line of this office, open or not, where the sender knows it: it is found faster by it. */
    readonly line: MailLine | null;
}
/** How a message was settled: its mailbox has taken it, or it was refused. */
export type Settled = 'taken' | RelayErrorCode;
/** A device that reads its mail here. */
export interface MailReader {
    /** Sends a frame; only called while {@link MailLine} is open. The delivery's number stands in the frame already. */
    deliver(frame: Uint8Array): void;
    /** How much the socket has not taken over yet, bytes: the office sends no mail while it is more than its window. */
    readonly waitingBytes: number;
}
/** A connected device's reading of its mailbox. Nothing throws. */
export interface MailLine {
    /** The device is done with all deliveries up to this one; a number beyond what was delivered is taken as all of it. */
    ack(delivery: number): void;
    /** The socket has room again. */
    resume(): void;
    /** Since when a delivery has been on its way unacked, ms since 1970 UTC; null where there is none. */
    readonly unackedSince: number | null;
    /** The device is gone; what it has not acked is kept. */
    close(): void;
}
/** What the office tells about mail that it took. */
export interface PostEvents {
    /** Mail expired unread; `from` is to be told, if it is connected here. */
    onExpired(from: DeviceId, to: DeviceId, number: number): void;
    /** The epoch is another, as the mail was lost: who is connected was told of the former, and has to connect again. */
    onNewEpoch(): void;
}
/** Port: takes mail in, keeps it, and hands it to the device that it is for, wherever that is connected. */
export interface PostOffice extends AsyncDisposable {
    /** Within which delivery numbers ascend and nothing that was taken is lost; below 2^53, never 0. */
    readonly epoch: number;
    /**
     * Puts mail into the mailbox of a device that the relay knows. Calls `settled` exactly once, perhaps at once; for
     * the durable mail of one sender in the order of the calls, where nothing fails. Never throws.
     */
    post(mail: Mail, settled: (outcome: Settled) => void): void;
    /** Begins to deliver to a device that has resumed, after what it is done with is let go of. One line a device. */
    open(device: DeviceId, resume: Resume, reader: MailReader): MailLine;
    /** Lets go of everything that waits for a device: it is forgotten. */
    forget(device: DeviceId): Promise<void>;
    /** Whether the office can take and hand out mail now; what it waits for otherwise. */
    waitsFor(): 'store' | 'bus' | null;
}
