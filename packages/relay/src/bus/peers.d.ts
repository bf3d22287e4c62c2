import type { ListPart } from './announcement.ts';
import type { Presence } from './directory.ts';
/** The other nodes, and how much of what each said was heard. */
export declare class Peers {
    #private;
    /** A node said something at this time; true if it was not known. */
    heard(node: string, now: number): boolean;
    /** Takes note of a counted announcement; false where it, and all before, are known already. */
    isNews(node: string, seqno: number): boolean;
    /** Whether a node's list has to be asked for: it has said more than was heard, and it was not asked within `everyMs`. */
    shouldAsk(node: string, seqno: number, now: number, everyMs: number): boolean;
    /** Everything that was heard from the others may be incomplete. */
    doubtAll(): void;
    /** Takes in a part of a node's list; the devices once it is whole. A part that does not follow ends the attempt. */
    addPart(node: string, seqno: number, list: ListPart): readonly Presence[] | null;
    /** Forgets those that were not heard since `since`, and names them. */
    takeSilent(since: number): string[];
    /** Nobody is silent for having not been heard until now: this node itself was not listening. */
    excuseAll(now: number): void;
    remove(node: string): void;
}
