import { type DeviceId } from '@palmkey/envelope';
/** How much mail one device may have (spec/relay.md, "Mail"). */
export interface MailboxLimits {
    /** What waits, messages and bytes of frames; what is on its way does not count. */
    readonly maxWaiting: number;
    readonly maxWaitingBytes: number;
    /** What is on its way unacked, likewise. */
    readonly maxOnTheWay: number;
    readonly maxOnTheWayBytes: number;
}
/** A message in a mailbox. */
export interface Letter {
    readonly from: DeviceId;
    /** As it goes out: `peer` is the sender, the last field the number of the delivery. */
    frame: Buffer;
    /** By the steady clock, ms. */
    readonly deadline: number;
    readonly delivery: number;
    /** What replaces it, for as long as it has not been sent; null where nothing does. */
    readonly coalescing: string | null;
    /** Under which a durable letter that is sent again is known; null for one that is not durable. */
    readonly once: string | null;
    /** It was acked, replaced, expired or withdrawn. */
    gone: boolean;
    /** The frame is bytes of its own, not a view of what came in with others. */
    owned: boolean;
}
/**
 * The mail of one device, in the order in which it came. Every step takes the same time, however much there is, but
 * for {@link expire} and {@link rewind}, which look at each letter once.
 *
 * Letters stand in a ring: first those on their way, then those that were on their way before the last
 * {@link rewind}, then those that were never sent. A letter that goes from the middle leaves its place behind, which is
 * passed over and, when such places are many, swept out.
 */
export declare class Mailbox {
    #private;
    constructor(limits: MailboxLimits);
    get isEmpty(): boolean;
    get onTheWay(): number;
    /** The durable letter of a sender with that number, if it is held. */
    durable(from: DeviceId, number: number): Letter | undefined;
    /**
     * Takes a sound frame whose `peer` is the sender already; the number of its delivery, higher than any before, is
     * written over the coalescing key. `onReplaced` gets what it replaces. Undefined where the box is full, unless `must`.
     */
    put(from: DeviceId, frame: Buffer, delivery: number, deadline: number, onReplaced: (letter: Letter) => void, must?: boolean): Letter | undefined;
    /** The next letter to be sent, which is on its way from now on; undefined where none waits or the window is full. */
    next(): Letter | undefined;
    /** Lets go of what was sent at some time and has a number up to `delivery`; `onAcked` gets each. */
    ack(delivery: number, onAcked: (letter: Letter) => void): void;
    /** Whoever read is gone: what is on its way waits again, at its place. */
    rewind(): void;
    /** Takes a letter out, wherever it stands. */
    remove(letter: Letter): void;
    /** Takes out what is of no use any more at `now`, by the steady clock; `onExpired` gets each. */
    expire(now: number, onExpired: (letter: Letter) => void): void;
    /**
     * Gives the letters up to a delivery that have none yet bytes of their own: a view would keep alive all that it came in.
     */
    own(upTo: number): void;
    /** Empties it; the letters that it held. */
    clear(): Letter[];
}
