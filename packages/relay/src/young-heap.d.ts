import type { Clock } from './clock.ts';
/**
 * Keeps the space for young objects as small as it is when this is called: 1 MiB twice at the start of a process. V8
 * would double it in a flood of connections up to 16 MiB twice, and gives it back only to a program that does nothing
 * for seconds. What comes with connections and a little mail is as well collected a little at a time. For the whole
 * process, until it starts a worker thread or {@link HeapRoom} finds much mail; V8 honours a factor below 2 only where
 * it is set after its start.
 */
export declare function keepYoungHeapSmall(): void;
/** Lets a young heap that is kept small grow once there is much mail: measured by messages that mailboxes took. */
export declare class HeapRoom implements Disposable {
    #private;
    constructor(clock: Clock, mailTaken: () => number);
    [Symbol.dispose](): void;
}
