/** Which phones come first where one has to. */
import type { Reach } from './lines/reaches.ts';
import type { Pairing } from './state/pairing-store.ts';

const order = { here: 0, unknown: 1, absent: 2 } as const;

/**
 * The pairings whose phone is there, then those nobody knows of, then those that are away; among them the one last heard
 * of first. ssh tries keys in the order in which they are listed: one that was left at home does not hold it up.
 */
export function nearestFirst(
  pairings: readonly Pairing[],
  reachOf: (pairing: Pairing) => Pick<Reach, 'reach' | 'lastSeenAt'>,
): Pairing[] {
  return pairings
    .map((pairing) => {
      const { reach, lastSeenAt } = reachOf(pairing);
      return { pairing, rank: order[reach], heardAt: Math.max(pairing.pairedAt, lastSeenAt ?? 0) };
    })
    .sort((a, b) => a.rank - b.rank || b.heardAt - a.heardAt)
    .map(({ pairing }) => pairing);
}
