/** Time as the relay sees it; a test brings its own. */
export interface Clock {
    /** Ms since 1970 UTC. */
    now(): number;
    /** Ms since some moment: it goes on evenly and nobody can set it, so it is what lifetimes and rates are measured by. */
    steady(): number;
    /** Runs `run` once after `delayMs`; what it returns cancels it. */
    after(delayMs: number, run: () => void): () => void;
}
/** The machine's clock. Its timers do not keep the process alive. */
export declare const systemClock: Clock;
