/** Time as the relay sees it; a test brings its own. */
export interface Clock {
  /** Ms since 1970 UTC. */
  now(): number;
  /** Runs `run` once after `delayMs`; what it returns cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
