import { PairingError, type PairingFault } from './errors.ts';
import type { PairingClock } from './ports.ts';

/**
 * Does the work, but no longer than `ms`: then it throws {@link PairingError} `late`, and `cancelled` as soon as `signal`
 * is aborted. The signal that the work gets is aborted when it is over, however it ends.
 */
export async function within<T>(
  clock: PairingClock,
  ms: number,
  late: PairingFault,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw new PairingError('cancelled');
  const inner = new AbortController();
  const stops: (() => void)[] = [];
  const cancelled = new Promise<never>((_, reject) => {
    const onAbort = () => reject(new PairingError('cancelled'));
    signal.addEventListener('abort', onAbort, { once: true });
    stops.push(() => signal.removeEventListener('abort', onAbort));
  });
  const timedOut = new Promise<never>((_, reject) => {
    clock.after(ms, inner.signal).then(
      () => reject(new PairingError(late)),
      () => undefined,
    );
  });
  try {
    return await Promise.race([work(inner.signal), timedOut, cancelled]);
  } finally {
    for (const stop of stops) stop();
    inner.abort();
  }
}
