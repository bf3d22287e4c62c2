import { equal } from '@palmkey/envelope';
import type { Pairing } from '../state/pairing-store.ts';

const ranks = { here: 0, unknown: 1, absent: 2 } as const;

/** How soon a key can sign, lower is sooner: by the phone with it that is the nearest. A key of no phone comes last. */
export function keyRank(
  pairings: readonly Pairing[],
  reachOf: (pairing: Pairing) => keyof typeof ranks,
  key: Uint8Array,
): number {
  const holders = pairings.filter(({ userKeys }) => userKeys.some(({ blob }) => equal(blob, key)));
  return Math.min(3, ...holders.map((pairing) => ranks[reachOf(pairing)]));
}
