import { type ChainState, isMember } from '@palmkey/chain';
import type { PerUserKeysOnChain } from '@palmkey/core/account';

/** What a chain says about the per-user key, up to a generation: the latest, unless an older one is meant. */
export function perUserKeysOf(state: ChainState, upTo = state.perUserKey.generation): PerUserKeysOnChain {
  const generations = Array.from({ length: upTo }, (_, i) => state.perUserKeyOf(i + 1)).filter(
    (key) => key !== undefined,
  );
  return {
    generations,
    member: (id) => {
      const device = state.findEver(id);
      return device !== undefined && isMember(device) ? device : undefined;
    },
  };
}
