const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/**
 * How long to wait before a try: 250 ms, doubled with each failure up to 8 s, of which a random part of up to a half is
 * taken off, so that the devices of a relay that comes back do not come all at once.
 */
export function backoffMs(failures: number, random: (length: number) => Uint8Array): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  const part = (random(1)[0] ?? 0) / 255;
  return Math.round(longest * (1 - part / 2));
}
