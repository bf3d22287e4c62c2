import type { SignedLink } from '@palmkey/chain';
import { webPrimitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { encodeChainPart, encodeChainPost } from '@palmkey/envelope';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type FixedAccount,
  fixedAccount,
  memberLinks,
  stateOf,
} from '../../../../../packages/core/src/testing/fixed-account.ts';
import { FakeChains } from '../testing/fake-chains.ts';
import { newDeviceKeys } from '../testing/fake-host.ts';
import { giveLacking, lackingPosts } from './chain-post.ts';

/** Of about 400 bytes each, four to a generation. */
const GENERATIONS = 60;

describe('a chain of more than 200 links that a relay lacks', () => {
  let account: FixedAccount;
  let late: DeviceKeys;
  let links: readonly SignedLink[];
  beforeAll(async () => {
    account = await fixedAccount('lacking', GENERATIONS);
    late = await newDeviceKeys();
    links = [...account.links, ...(await memberLinks(account.links, account.owner, late))];
  }, 120_000);

  const giver = (device: DeviceKeys) => ({ primitives: webPrimitives, device, keys: account.perUserKeys });
  const newRelay = () =>
    new FakeChains(
      () => undefined,
      () => undefined,
    );

  test('is given by a member from the first on in posts that each fit a frame', async () => {
    expect(links.length).toBeGreaterThan(200);
    const { parts, posts } = await lackingPosts(giver(account.owner), null, links);
    expect(parts).toEqual([]);
    expect(posts.length).toBeGreaterThan(1);
    for (const post of posts) encodeChainPost(post);
    const relay = newRelay();
    await giveLacking({ parts, posts }, relay.ordersOf(account.owner.id));
    expect(relay.state?.head).toEqual((await stateOf(links)).head);
  });

  test('goes on from where it was when a post among them is lost', async () => {
    const relay = newRelay();
    const orders = relay.ordersOf(account.owner.id);
    const { posts } = await lackingPosts(giver(account.owner), null, links);
    await giveLacking({ parts: [], posts: posts.slice(0, 1) }, orders);
    const there = relay.state?.head ?? null;
    expect(there?.seqno).toBeLessThan(links.length);
    await giveLacking(await lackingPosts(giver(account.owner), there, links), orders);
    expect(relay.state?.head.seqno).toBe(links.length);
    expect(relay.posts).toHaveLength(posts.length);
  });

  test('is given by a member that joined at its end in parts, and one post that makes it the account’s', async () => {
    const lacking = await lackingPosts(giver(late), null, links);
    expect([lacking.parts.length > 0, lacking.posts.length]).toEqual([true, 1]);
    for (const part of lacking.parts) encodeChainPart(part);
    for (const post of lacking.posts) encodeChainPost(post);
    const relay = newRelay();
    const orders = relay.ordersOf(late.id);
    for (const part of lacking.parts) await orders.part(part);
    expect(await orders.ask()).toBeNull();
    await giveLacking(lacking, orders);
    expect(relay.state?.head.seqno).toBe(links.length);
    const { box, seeds } = await orders.boxes();
    expect([box === null, seeds.length]).toEqual([false, GENERATIONS - 1]);
    expect((await relay.ordersOf(account.owner.id).boxes()).box).not.toBeNull();
  });

  test('is given from the start again where the relay has lost the parts', async () => {
    const relay = newRelay();
    relay.losesParts = 1;
    const orders = relay.ordersOf(late.id);
    const lacking = await lackingPosts(giver(late), null, links);
    await expect(giveLacking(lacking, orders)).rejects.toMatchObject({ code: 'unavailable' });
    expect(relay.state).toBeNull();
    await giveLacking(lacking, orders);
    expect(relay.state?.head.seqno).toBe(links.length);
  });

  test('cannot be given by a member that joined after the place up to which the relay has it', async () => {
    const { head } = await stateOf(account.links.slice(0, 1));
    await expect(lackingPosts(giver(late), head, links)).rejects.toThrow(RangeError);
  });
});
