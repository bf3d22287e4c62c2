/** How often something may be done: `burst` at once, refilled with `perSecond`. Time is the steady clock's, ms. */
export declare class TokenBucket {
    #private;
    constructor(burst: number, perSecond: number, now: number);
    /** Tokens that are left, as of the last look. */
    get left(): number;
    /** Takes a token; false if there is none. */
    take(now: number): boolean;
    /** Ms until there is a token again. */
    waitMs(): number;
    /** Whether it is as good as new. */
    isFull(now: number): boolean;
}
