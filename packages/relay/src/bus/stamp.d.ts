import type { Clock } from '../clock.ts';
/** When something happened and at which node: any two are in an order, and every node sees the same one. */
export interface Stamp {
    /** Ms since 1970 UTC by the node's clock, pushed on to be later than all that the node had heard of. */
    readonly at: number;
    /** The node's id, 16 hexadecimal digits. */
    readonly node: string;
}
/** Whether `a` is after `b`. */
export declare function isLater(a: Stamp, b: Stamp): boolean;
/**
 * Gives times that are later than every time that was given or heard: what a node does after it has heard of something
 * is later than that on every clock (Kulkarni et al., *Logical Physical Clocks*, OPODIS 2014, in one number).
 */
export declare class Stamps {
    #private;
    constructor(clock: Clock);
    next(): number;
    heard(at: number): void;
}
