import { type DeviceId } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import type { Letter } from './mailbox.ts';
/** A durable letter as a former run left it. */
export interface Kept {
    readonly row: number;
    readonly to: DeviceId;
    readonly from: DeviceId;
    readonly frame: Buffer;
    /** By the steady clock, ms. */
    readonly deadline: number;
}
/** Whether the store has a letter now. */
type WhenWritten = (written: boolean) => void;
interface JournalOptions {
    readonly database: Database;
    readonly clock: Clock;
    readonly logger: Logger;
    /** How long mail is kept at most, ms. */
    readonly longestMs: number;
    /** So many letters were written together. */
    readonly onWritten?: (letters: number) => void;
}
/**
 * Durable mail on disk. **Group commit**: all that comes in one turn of the event loop, and all that comes while the
 * store writes, is one transaction, and so one wait for the disk.
 *
 * What its recipient acks before it was written is not written; what was written is erased with the next group, or by
 * {@link tick}. After a crash a letter may thus come again, never too seldom.
 */
export declare class Journal {
    #private;
    constructor(options: JournalOptions);
    /** Whether the store has taken what it was last given, or may be tried again. */
    get ready(): boolean;
    /** Hands over what a former run left, in the order in which it came. Rejects where the store fails. */
    load(onKept: (kept: Kept) => void): Promise<void>;
    /** A letter that {@link load} handed over is in a mailbox. */
    adopt(letter: Letter, { to, row }: Kept): void;
    /** Writes a letter at the end of this turn. */
    write(letter: Letter, to: DeviceId, whenWritten: WhenWritten): void;
    /** Says when a letter that was given to {@link write} is written, once more. */
    whenWritten(letter: Letter, settled: (outcome: 'taken' | 'unavailable') => void): void;
    /** A letter is of no use any more: its recipient has acked it, or it expired. It is as good as written. */
    erase(letter: Letter): void;
    /** Once a second: erases what is left to erase, tries a store that failed, and follows a clock that was set. */
    tick(): void;
    /** Resolves when all that was said so far is on disk, or was refused. */
    flush(): Promise<void>;
    /** Writes what is left. */
    close(): Promise<void>;
}
export {};
