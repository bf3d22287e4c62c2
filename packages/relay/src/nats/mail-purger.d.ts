import type { Clock } from '../clock.ts';
/**
 * Lets go of acked mail in the stream, one request for many acks. Being late is harmless, as the device names its cursor
 * when it resumes; it only counts in the mailbox until then.
 */
export declare class MailPurger {
    #private;
    constructor(clock: Clock, purge: (device: string, upTo: number) => Promise<void>);
    /** A device is done with its mail up to a number; `messages` more than it said before. */
    add(device: string, upTo: number, messages: number): void;
    /** What is due for a device is let go of now. */
    flush(device: string): void;
    /** A device's mail is gone altogether. */
    forget(device: string): void;
    /** All that is due, to its end. */
    flushAll(): Promise<void>;
}
