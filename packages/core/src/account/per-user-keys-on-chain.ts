import { type ChainState, isMember } from '@palmkey/chain';
import type { PerUserKeysOnChain } from './per-user-key-records.ts';

/** What a chain says of its per-user keys, down from this generation: one that was imported before may be an older one. */
export function perUserKeysOnChain(state: ChainState, generation = state.perUserKey.generation): PerUserKeysOnChain {
  return {
    generations: Array.from({ length: generation }, (_, i) => state.perUserKeyOf(i + 1) ?? state.perUserKey),
    member: (id) => {
      const device = state.findEver(id);
      return device && isMember(device) ? device : undefined;
    },
  };
}
