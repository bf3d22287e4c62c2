import { type ChainState, encodeLinks, type Head, parseLink, replay, type SignedLink } from '@palmkey/chain';
import {
  chainPost,
  encodePreviousSeed,
  type PerUserKey,
  type PreviousSeed,
  sealPerUserBox,
  sealPreviousSeed,
} from '@palmkey/core/account';
import { type Primitives, sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type ChainPart, type ChainPost, MAX_BODY_BYTES, RelayError } from '@palmkey/envelope';
import type { ChainOrders } from '../ports.ts';

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

/** What a relay is given, in this order. */
export interface LackingPosts {
  /** The beginning of the chain, up to where the giver joined it; none where the first post goes as far. */
  readonly parts: readonly ChainPart[];
  readonly posts: readonly ChainPost[];
}

/**
 * The links that a relay lacks, in their order, with the boxes and previous seeds that have to come with them
 * (spec/account.md, "A post"): one post, or as many as the longest body makes necessary. `links` is the whole chain.
 * Throws RangeError where the giver lacks a generation, and where the relay has the chain up to a place before it
 * joined.
 */
export async function lackingPosts(
  giver: ChainGiver,
  prev: Head | null,
  links: readonly SignedLink[],
): Promise<LackingPosts> {
  const primitives = { ...giver.primitives, sha256 };
  const known = prev?.seqno ?? 0;
  let stored = known === 0 ? null : await replay(primitives, links.slice(0, known), null);
  let before = stored;
  const parts: ChainPart[] = [];
  const posts: ChainPost[] = [];
  for (const group of bodiesOf(links.slice(known))) {
    const step = { stored, before, after: await replay(primitives, group, before) };
    before = step.after;
    if (step.after.find(giver.device.id)?.kind === 'member') {
      posts.push(await lackingPost(giver, step, group));
      stored = step.after;
    } else if (stored === null) {
      parts.push({
        prev: step.before?.head ?? null,
        links: encodeLinks(group),
        seeds: seedsOf(giver, step).map(encodePreviousSeed),
      });
    } else {
      throw new RangeError('not a member that early');
    }
  }
  return { parts, posts };
}

/** Gives a relay all of it. Rejects as the relay does, and with `unavailable` where it has lost parts meanwhile. */
export async function giveLacking({ parts, posts }: LackingPosts, chain: ChainOrders): Promise<void> {
  for (const part of parts) await chain.part(part).catch(part.prev === null ? undefined : lostAs('conflict'));
  const [first, ...others] = posts;
  if (first !== undefined) await chain.post(first).catch(parts.length === 0 ? undefined : lostAs('no-chain'));
  for (const post of others) await chain.post(post);
}

/** What goes on from a part that is not there any more is refused so, and well once all were given again. */
function lostAs(code: RelayError['code']): (error: unknown) => never {
  return (error) => {
    throw error instanceof RelayError && error.code === code ? new RelayError('unavailable') : error;
  };
}

/** From where to where a post goes; `stored`: what of the chain is in effect before it. */
interface LackingStep {
  readonly stored: ChainState | null;
  readonly before: ChainState | null;
  readonly after: ChainState;
}

async function lackingPost(giver: ChainGiver, step: LackingStep, links: readonly SignedLink[]): Promise<ChainPost> {
  const { primitives, device, keys } = giver;
  const { stored, before, after } = step;
  const { generation } = after.perUserKey;
  const latest = keys.find((key) => key.generation === generation);
  if (latest === undefined) throw new RangeError('an old per-user key');
  const isNew = generation > (stored?.perUserKey.generation ?? 0);
  const known = stored?.head.seqno ?? 0;
  const receivers = after.members.filter((member) => isNew || member.added.seqno > known);
  const boxes = await Promise.all(receivers.map((member) => sealPerUserBox(primitives, device, member, latest)));
  return chainPost({ prev: before?.head ?? null, links, boxes, seeds: seedsOf(giver, step) });
}
/** A previous seed for each generation that is new. */
function seedsOf({ primitives, keys }: ChainGiver, { before, after }: LackingStep): readonly PreviousSeed[] {
  const former = before?.perUserKey.generation ?? 0;
  return keys.flatMap((key, i) => {
    const previous = keys[i - 1];
    const isNew = key.generation > former && key.generation <= after.perUserKey.generation;
    return previous && isNew ? [sealPreviousSeed(primitives, key, previous)] : [];
  });
}

/** What goes into one body. Links that go together stay together: a chain does not end between them. */
function bodiesOf(links: readonly SignedLink[]): readonly (readonly SignedLink[])[] {
  const bodies: SignedLink[][] = [];
  let room = 0;
  for (const group of groupsOf(links)) {
    const bytes = encodeLinks(group).length + SEED_BYTES * group.length;
    const body = bodies.at(-1);
    if (body === undefined || bytes > room) {
      bodies.push([...group]);
      room = MAX_BODY_BYTES - BESIDE_LINKS_BYTES - bytes;
    } else {
      body.push(...group);
      room -= bytes;
    }
  }
  return bodies;
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
