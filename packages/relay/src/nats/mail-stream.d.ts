import type { DeviceId } from '@palmkey/envelope';
import type { NatsLink } from './nats-link.ts';
import { type StoredMail } from './stored-mail.ts';
/** What the stream is to hold at most. */
export interface MailStreamLimits {
    /** How long mail is kept at most, ms. */
    readonly mailLimitMs: number;
    /** Messages in the mailbox of one device. */
    readonly mailboxMessages: number;
    /** Bytes of all mailboxes. */
    readonly totalBytes: number;
}
/**
 * The one stream of all mailboxes. A subject is a mailbox, a sequence number is the number of a delivery. What was
 * stored is said again on a second subject (`republish`), so that a connected device costs the server a subscription and
 * not a consumer; the number of the message before it tells whether one was missed. Needs nats-server 2.9.
 */
export declare class MailStream {
    #private;
    readonly name: string;
    /** When the stream was made, ms since 1970 UTC: with a stream that is lost the numbers begin anew. */
    epoch: number;
    private constructor();
    static open(link: NatsLink, limits: MailStreamLimits): Promise<{
        stream: MailStream;
        lastSequence: number;
    }>;
    /** Makes the stream, or brings it to this relay's limits; the number of its last message. Throws what NATS refuses. */
    ensure(): Promise<number>;
    /** The first message for a device from this number on; null where there is none. */
    next(device: string, from: number): Promise<StoredMail | null>;
    /** Lets go of a device's mail up to a number, or of all of it. */
    purge(device: string, upTo?: number): Promise<void>;
    /** Takes one message out; whether it was still there. Of several who try, one is told that it was. */
    take(sequence: number): Promise<boolean>;
    /** Where mail for a device is published. */
    mailbox(device: string): string;
    /** Where mail for a device is said again once it is stored. */
    stored(device: string): string;
}
/** How a device is called in subjects: 32 hexadecimal digits. */
export declare function subjectOf(device: DeviceId): string;
