import type { Clock } from '../timing/deadline.ts';

/** How long one get may wait at the relay, ms. */
export const LONG_POLL_MS = 5_000;
/** Between two gets, where a relay does not wait as it was asked to, ms. */
const PAUSE_MS = 250;

/** After a get that gave nothing new: waits a little if it came back before its time, so that no relay makes us spin. */
export async function pause(clock: Clock, since: number, pollMs: number, signal: AbortSignal): Promise<void> {
  const leftMs = since + pollMs - clock.now();
  if (leftMs > 0) await clock.after(Math.min(leftMs, PAUSE_MS), signal);
}
