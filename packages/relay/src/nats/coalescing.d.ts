import type { Mail } from '../post/post-office.ts';
/**
 * Where the last message of each (recipient, sender, coalescing key) stands that this node put into the stream: the
 * next one replaces it there, so that what covers a state fills no mailbox.
 */
export declare class Coalescing {
    #private;
    /** Mail was stored under this number; the number of the one that it replaces, if there may be one. */
    stored(mail: Mail, sequence: number): number | undefined;
}
