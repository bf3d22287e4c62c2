import { type ChainState, encodeLinks, type Head, parseLink, replay, type SignedLink } from '@palmkey/chain';
import { chainPost, type PerUserKey, sealPerUserBox, sealPreviousSeed } from '@palmkey/core/account';
import { type Primitives, sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type ChainPost, MAX_BODY_BYTES } from '@palmkey/envelope';

/** What a post has besides links: heads and counts, the boxes of 32 members, and room to spare. */
const BESIDE_LINKS_BYTES = 4_096;
/** One previous seed. */
const SEED_BYTES = 76;

/** A member, as far as it gives a relay what that lacks. */
export interface ChainGiver {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  /** All generations of the per-user key, the first first. */
  readonly keys: readonly PerUserKey[];
}

/**
 * The posts of the links that a relay lacks, in their order, with the boxes and previous seeds that have to come with them
 * (spec/account.md, "A post"): one, or as many as the longest body makes necessary. `links` is the whole chain. Throws
 * RangeError where the giver lacks a generation, and where it is no member yet by what the first post holds.
 */
export async function lackingPosts(
  giver: ChainGiver,
  prev: Head | null,
  links: readonly SignedLink[],
): Promise<readonly ChainPost[]> {
  const primitives = { ...giver.primitives, sha256 };
  const known = prev?.seqno ?? 0;
  let before = known === 0 ? null : await replay(primitives, links.slice(0, known), null);
  const posts: ChainPost[] = [];
  for (const part of partsOf(links.slice(known))) {
    const after = await replay(primitives, part, before);
    if (after.find(giver.device.id)?.kind !== 'member') throw new RangeError('not a member that early');
    posts.push(await lackingPost(giver, before, part, after));
    before = after;
  }
  return posts;
}

async function lackingPost(
  { primitives, device, keys }: ChainGiver,
  before: ChainState | null,
  links: readonly SignedLink[],
  after: ChainState,
): Promise<ChainPost> {
  const { generation } = after.perUserKey;
  const former = before?.perUserKey.generation ?? 0;
  const latest = keys.find((key) => key.generation === generation);
  if (latest === undefined) throw new RangeError('an old per-user key');
  const known = before?.head.seqno ?? 0;
  const receivers = after.members.filter((member) => generation > former || member.added.seqno > known);
  const boxes = await Promise.all(receivers.map((member) => sealPerUserBox(primitives, device, member, latest)));
  const seeds = keys.flatMap((key, i) => {
    const previous = keys[i - 1];
    const isNew = key.generation > former && key.generation <= generation;
    return previous && isNew ? [sealPreviousSeed(primitives, key, previous)] : [];
  });
  return chainPost({ prev: before?.head ?? null, links, boxes, seeds });
}

/** Links that go together stay together: a chain does not end between them. */
function partsOf(links: readonly SignedLink[]): readonly (readonly SignedLink[])[] {
  const parts: SignedLink[][] = [];
  let room = 0;
  for (const group of groupsOf(links)) {
    const bytes = encodeLinks(group).length + SEED_BYTES * group.length;
    const part = parts.at(-1);
    if (part === undefined || bytes > room) {
      parts.push([...group]);
      room = MAX_BODY_BYTES - BESIDE_LINKS_BYTES - bytes;
    } else {
      part.push(...group);
      room -= bytes;
    }
  }
  return parts;
}

function groupsOf(links: readonly SignedLink[]): readonly (readonly SignedLink[])[] {
  const groups: SignedLink[][] = [];
  for (const link of links) {
    const parsed = parseLink(link.json);
    if (parsed.is === 'refused') throw new RangeError('not a link');
    const { type } = parsed.link;
    const group = groups.at(-1);
    if (group !== undefined && (type === 'subkey' || type === 'puk')) group.push(link);
    else groups.push([link]);
  }
  return groups;
}
