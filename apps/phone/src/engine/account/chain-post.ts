import { type ChainState, encodeLinks, type Head, parseLink, type SignedLink } from '@palmkey/chain';
import {
  encodePerUserBox,
  encodePreviousSeed,
  type PerUserKey,
  type PreviousSeed,
  sealPerUserBox,
  sealPreviousSeed,
} from '@palmkey/core/account';
import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { ChainPost } from '@palmkey/envelope';

/** The previous seeds of all generations that a member has, from the second on. */
export function previousSeedsOf(primitives: Primitives, keys: readonly PerUserKey[]): readonly PreviousSeed[] {
  return keys.slice(1).map((key, i) => sealPreviousSeed(primitives, key, keys[i] ?? key));
}

/**
 * The post of links that a relay lacks, with the boxes and previous seeds that have to come with them (spec/account.md,
 * "A post"). `state` is the chain with them, `keys` all generations of the per-user key.
 */
export async function chainPost(
  primitives: Primitives,
  device: DeviceKeys,
  keys: readonly PerUserKey[],
  prev: Head | null,
  links: readonly SignedLink[],
  state: ChainState,
): Promise<ChainPost> {
  const latest = keys.at(-1);
  if (latest?.generation !== state.perUserKey.generation) throw new RangeError('an old per-user key');
  const generations = new Set<number>();
  const added = new Set<number>();
  for (const { json } of links) {
    const parsed = parseLink(json);
    if (parsed.is === 'refused') throw new RangeError('not a link');
    const { link } = parsed;
    added.add(link.seqno);
    if (link.type === 'eldest' || link.type === 'puk') generations.add(link.body.puk.generation);
  }
  const receivers = state.members.filter((member) => generations.size > 0 || added.has(member.added.seqno));
  const boxes = await Promise.all(receivers.map((member) => sealPerUserBox(primitives, device, member, latest)));
  const seeds = previousSeedsOf(primitives, keys).filter(({ generation }) => generations.has(generation));
  return {
    prev,
    links: encodeLinks(links),
    boxes: boxes.map(encodePerUserBox),
    seeds: seeds.map(encodePreviousSeed),
  };
}
