/**
 * Counts what a connection has sent as mail, and how much of it, from the first without a gap, is settled. What the
 * disk holds up is overtaken by what is only kept in memory, so settling comes in any order.
 */
export declare class Tally {
    #private;
    /** How many have been settled, all before included. */
    get settled(): number;
    /** The number of the next message, from 1. */
    next(): number;
    /** A message is settled; each once. */
    settle(number: number): void;
}
