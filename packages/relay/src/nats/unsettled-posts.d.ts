import type { Clock } from '../clock.ts';
import type { Mail, Settled } from '../post/post-office.ts';
/** A post whose answer is awaited. */
export interface Unsettled {
    readonly mail: Mail;
    readonly since: number;
    readonly settled: (outcome: Settled) => void;
    /** It was given to the stream more than once, which may call it a duplicate of itself. */
    repeated: boolean;
}
/** What the stream has been given and has not answered, in the order in which it was given. */
export declare class UnsettledPosts {
    #private;
    constructor(clock: Clock);
    /** Whether so much waits for NATS that no more is taken. */
    get isFull(): boolean;
    /** The token that the answer will name. */
    add(mail: Mail, settled: (outcome: Settled) => void): number;
    /** A post that is not settled yet. */
    get(token: number): Unsettled | undefined;
    /** The tokens of all, the oldest first. */
    tokens(): number[];
    /** The post that an answer is for; undefined where it was given up. */
    take(token: number): Unsettled | undefined;
    /** NATS is away: whether it took them is not known, and their senders are told so. */
    refuseAll(): void;
    /** When nothing is unsettled, which is after {@link ANSWER_WITHIN_MS} at the latest. */
    empty(): Promise<void>;
}
