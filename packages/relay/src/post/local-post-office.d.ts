import { type DeviceId, type Resume } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { Journal } from './journal.ts';
import { Mailbox, type MailboxLimits } from './mailbox.ts';
import type { Mail, MailLine, MailReader, PostEvents, PostOffice, Settled } from './post-office.ts';
interface LocalPostOptions {
    readonly clock: Clock;
    /** Another at each start: what was in memory is gone then. */
    readonly epoch: number;
    readonly journal: Journal;
    readonly mailbox: MailboxLimits;
    readonly totalBytes: number;
    readonly events: PostEvents;
}
/** What is held for one device: its mail, and who reads it. */
interface Box {
    readonly device: DeviceId;
    readonly mail: Mailbox;
    line: Line | null;
}
/** The mail of one node's devices: in memory, and what is durable also in a {@link Journal}. */
export declare class LocalPostOffice implements PostOffice {
    #private;
    readonly epoch: number;
    private constructor();
    /** Opens the office with the durable mail that a former run was left with. Rejects where the journal does. */
    static open(options: LocalPostOptions): Promise<LocalPostOffice>;
    /** Bytes that all mail takes in memory. */
    get bytes(): number;
    post(mail: Mail, settled: (outcome: Settled) => void): void;
    open(device: DeviceId, resume: Resume, reader: MailReader): MailLine;
    forget(device: DeviceId): Promise<void>;
    waitsFor(): 'store' | null;
    /** Writes what is not written yet; takes nothing any more. */
    [Symbol.asyncDispose](): Promise<void>;
    /** For a {@link Line}: its device is done with what was delivered up to a number. */
    ack(box: Box, delivery: number): void;
    /** For a {@link Line}: nobody reads any more. */
    closeLine(line: Line): void;
}
/** A connected device's reading of its box. */
declare class Line implements MailLine {
    #private;
    readonly box: Box;
    constructor(office: LocalPostOffice, box: Box, reader: MailReader, clock: Clock);
    /** Whether its device reads here and now. */
    get isOpen(): boolean;
    get unackedSince(): number | null;
    ack(delivery: number): void;
    resume(): void;
    close(): void;
    /** Sends what waits, as far as the window and the socket have room. */
    pump(): void;
}
export {};
