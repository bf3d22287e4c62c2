/** Port: time. */
export interface Clock {
  /** Ms since 1970 UTC. */
  now(): number;
  /** Resolves after so long; when the signal is aborted before, it rejects or stays silent, and keeps no timer. */
  after(ms: number, signal: AbortSignal): Promise<void>;
}

/** How work that must end in time may end otherwise. */
export interface Deadline {
  readonly clock: Clock;
  readonly ms: number;
  /** What is thrown when the time is over. */
  readonly late: () => Error;
  /** What is thrown as soon as one of `signals` is aborted. */
  readonly cancelled: () => Error;
  readonly signals: readonly AbortSignal[];
}

/**
 * Does the work, but no longer than the deadline allows. The signal that the work gets is aborted when it is over,
 * however it ends.
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, ms, late, cancelled, signals } = deadline;
  if (signals.some(({ aborted }) => aborted)) throw cancelled();
  const inner = new AbortController();
  const stops: (() => void)[] = [];
  const broken = new Promise<never>((_, reject) => {
    const onAbort = () => reject(cancelled());
    for (const signal of signals) {
      signal.addEventListener('abort', onAbort, { once: true });
      stops.push(() => signal.removeEventListener('abort', onAbort));
    }
  });
  const timedOut = new Promise<never>((_, reject) => {
    clock.after(ms, inner.signal).then(
      () => reject(late()),
      () => undefined,
    );
  });
  try {
    return await Promise.race([work(inner.signal), timedOut, broken]);
  } finally {
    for (const stop of stops) stop();
    inner.abort();
  }
}
