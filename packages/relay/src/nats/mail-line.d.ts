import { type DeviceId } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { MailLine, MailReader } from '../post/post-office.ts';
import type { StoredMail } from './stored-mail.ts';
/** What a line needs of its office. */
export interface LinePorts {
    readonly clock: Clock;
    readonly windowMessages: number;
    readonly windowBytes: number;
    /** The first mail for the device from this number on; null where there is none. Rejects while NATS is away. */
    next(from: number): Promise<StoredMail | null>;
    /** The device is done with what is up to a number, `messages` of it since it last said so. */
    acked(upTo: number, messages: number): void;
    /** Mail that nobody needs any more was met before it was sent. */
    expired(mail: StoredMail): void;
    closed(): void;
}
/**
 * A device's reading of its mailbox in the stream. While it keeps up, each message is sent as the stream says it
 * ({@link onStored}). Where one was missed, or the window was full, the line reads from the stream until it has caught up.
 */
export declare class NatsMailLine implements MailLine {
    #private;
    readonly device: DeviceId;
    constructor(device: DeviceId, after: number, reader: MailReader, ports: LinePorts);
    get unackedSince(): number | null;
    /** The stream has stored mail for this device; `previous` is the number of the one before it that is still held. */
    onStored(mail: StoredMail, previous: number): void;
    /** The numbers before now mean nothing; only before anything was sent. */
    rewind(): void;
    /** Something may have been missed. */
    look(): void;
    ack(delivery: number): void;
    resume(): void;
    close(): void;
}
