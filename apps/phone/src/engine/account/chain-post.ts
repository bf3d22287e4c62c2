import { type ChainState, type Head, parseLink, type SignedLink } from '@palmkey/chain';
import { chainPost, type PerUserKey, sealPerUserBox, sealPreviousSeed } from '@palmkey/core/account';
import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { ChainPost } from '@palmkey/envelope';

/** A member, as far as it gives a relay what that lacks. */
export interface ChainGiver {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  /** All generations of the per-user key, the first first. */
  readonly keys: readonly PerUserKey[];
}

/**
 * The post of links that a relay lacks, with the boxes and previous seeds that have to come with them (spec/account.md,
 * "A post"). `state` is the chain with them. Throws RangeError where the giver has not the latest per-user key.
 */
export async function lackingPost(
  { primitives, device, keys }: ChainGiver,
  prev: Head | null,
  links: readonly SignedLink[],
  state: ChainState,
): Promise<ChainPost> {
  const latest = keys.at(-1);
  if (latest?.generation !== state.perUserKey.generation) throw new RangeError('an old per-user key');
  const generations = new Set<number>();
  for (const { json } of links) {
    const parsed = parseLink(json);
    if (parsed.is === 'refused') throw new RangeError('not a link');
    const { link } = parsed;
    if (link.type === 'eldest' || link.type === 'puk') generations.add(link.body.puk.generation);
  }
  const known = prev?.seqno ?? 0;
  const receivers = state.members.filter((member) => generations.size > 0 || member.added.seqno > known);
  const boxes = await Promise.all(receivers.map((member) => sealPerUserBox(primitives, device, member, latest)));
  const seeds = keys.flatMap((key, i) => {
    const previous = keys[i - 1];
    return previous && generations.has(key.generation) ? [sealPreviousSeed(primitives, key, previous)] : [];
  });
  return chainPost({ prev, links, boxes, seeds });
}
