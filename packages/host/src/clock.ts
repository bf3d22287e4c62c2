/** Time as the host uses it: wall time for what is written down, monotonic time for what must end. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** ms since some fixed moment; never goes back. */
  monotonic(): number;
  /** Calls back once after `ms`; the result takes it back. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
