/**
 * How many bytes this node has put into each mailbox. JetStream bounds a subject by messages alone, so each node bounds
 * the bytes of what it takes itself, and learns what is left of them from the first message that is still there.
 */
export declare class MailboxLedger {
    #private;
    constructor(mailboxBytes: number);
    /** Whether so many bytes more would be too many. */
    isFull(device: string, more: number): boolean;
    /** Whether it is time to learn what is left: before the mailbox seems full. */
    isHalfFull(device: string): boolean;
    add(device: string, sequence: number, bytes: number): void;
    /** What stands before this number is gone from the mailbox. */
    release(device: string, before: number): void;
}
