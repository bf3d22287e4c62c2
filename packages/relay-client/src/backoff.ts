const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/** The longest that a relay can make a client wait: longer is nobody's patience, and overflows a timer from 2^31 ms on. */
const MAX_RETRY_AFTER_MS = 60_000;

/** How long a relay's `retry after` is waited for, ms; a number that is none counts as the longest. */
export function retryAfter(toldMs: number): number {
  return toldMs >= 0 && toldMs <= MAX_RETRY_AFTER_MS ? toldMs : MAX_RETRY_AFTER_MS;
}

/**
 * How long to wait before a try: 250 ms, doubled with each failure up to 8 s, of which a random part of up to a half is
 * taken off, so that the devices of a relay that comes back do not come all at once.
 */
export function backoffMs(failures: number, random: (length: number) => Uint8Array): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  const part = (random(1)[0] ?? 0) / 255;
  return Math.round(longest * (1 - part / 2));
}
