import { parseLinkHash, type SignedLink, placeFollowing } from '@palmkey/chain';
import { type DeviceId, equal } from '@palmkey/envelope';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256, webPrimitives } from '../crypto/index.ts';
import { accountOf, headOf, MemoryFeed, MemoryShelf, newMaker } from '../testing/memory-chain.ts';
import { fixedDevice } from '../testing/fixed-keys.ts';
import { ChainFollower, type SavedChain } from './index.ts';

/** Seven links of one account, and two others that go on from its fourth. */
let links: readonly SignedLink[] = [];
let fork: readonly SignedLink[] = [];
let stranger: readonly SignedLink[] = [];
/** The seven and one more. */
let longer: readonly SignedLink[] = [];
let host: DeviceId;
let ada: DeviceId;
let bob: DeviceId;

beforeAll(async () => {
  [ada, bob] = [(await fixedDevice('ada')).id, (await fixedDevice('bob')).id];
  host = (await fixedDevice('host')).id;
  const maker = newMaker();
  await maker.eldest('ada');
  await maker.host('ada', 'host');
  await maker.member('ada', 'bob');
  const other = maker.fork();
  await maker.host('bob', 'tower');
  await maker.revoke('ada', 'bob');
  await maker.puk('ada');
  links = [...maker.links];
  await maker.host('ada', 'newest');
  longer = [...maker.links];
  await other.host('ada', 'laptop');
  await other.host('ada', 'desk');
  fork = [...other.links];
  stranger = [...(await newMaker().eldest('eve')).links];
});

const never = new AbortController().signal;

async function following(
  upTo: number,
  { at = links, now = 0, saved }: { at?: readonly SignedLink[]; now?: number; saved?: SavedChain | null } = {},
) {
  const feed = new MemoryFeed(at);
  const shelf = new MemoryShelf();
  const known = links.slice(0, upTo);
  shelf.saved = saved === undefined ? (upTo === 0 ? null : { links: known, pin: headOf(known), signed: null }) : saved;
  const clock = { now };
  const deps = {
    primitives: webPrimitives,
    feed,
    shelf,
    now: () => clock.now,
    account: upTo === 0 ? null : accountOf(links),
  };
  return { feed, shelf, clock, deps, follower: await ChainFollower.open(deps, shelf.saved) };
}

describe('ChainFollower.catchUp', () => {
  it('takes a whole chain where it knew none, and keeps it before it gives it out', async () => {
    const { follower, shelf } = await following(0);
    let keptBefore = -1;
    follower.onAdvance(() => (keptBefore = shelf.saved?.links.length ?? 0));
    const caught = await follower.catchUp(never);
    expect(caught).toMatchObject({ is: 'advanced', state: { head: headOf(links) } });
    expect(keptBefore).toBe(links.length);
    expect(shelf.saved).toEqual({ links, pin: headOf(links), signed: null });
  });

  it('fetches no more than what is new', async () => {
    const { follower, feed, shelf } = await following(3 + 1);
    expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
    expect(feed.asked).toEqual(['head', 'after 4']);
    expect(await follower.catchUp(never)).toMatchObject({ is: 'current', state: { head: headOf(links) } });
    expect(feed.asked).toEqual(['head', 'after 4', 'head']);
    expect(shelf.saves).toBe(1);
  });

  it('comes to the same in whatever pieces a chain arrives, also after it was opened anew', async () => {
    const whole = [1, 2, 4, 5, 7];
    await fc.assert(
      fc.asyncProperty(fc.subarray(whole), fc.boolean(), async (stops, reopens) => {
        const { follower: first, feed, shelf, deps } = await following(0, { at: [] });
        let follower = first;
        for (const stop of [...stops, links.length]) {
          feed.links = links.slice(0, stop);
          await follower.catchUp(never);
          expect(follower.state?.head).toEqual(headOf(links.slice(0, stop)));
          if (reopens) follower = await ChainFollower.open(deps, shelf.saved);
        }
        expect(shelf.saved?.links).toEqual(links);
        expect(follower.state?.revoked.map(({ kind }) => kind)).toEqual(['member']);
      }),
      { numRuns: 20 },
    );
  });

  it('says no-chain where neither has one, and where only this device has', async () => {
    const { follower } = await following(0, { at: [] });
    expect(await follower.catchUp(never)).toEqual({ is: 'no-chain', state: null });
    await follower.keep(links.slice(0, 1));
    expect(await follower.catchUp(never)).toMatchObject({ is: 'no-chain', state: { head: { seqno: 1 } } });
    expect(follower.pin).toBeNull();
  });

  it('says relay-behind where the relay lacks links that no relay had', async () => {
    const { follower, feed } = await following(2);
    await follower.keep(links.slice(2, 4));
    feed.links = links.slice(0, 2);
    expect(await follower.catchUp(never)).toMatchObject({ is: 'relay-behind', head: headOf(links.slice(0, 2)) });
    feed.links = links.slice(0, 4);
    expect(await follower.catchUp(never)).toMatchObject({ is: 'current' });
    expect(follower.pin).toEqual(headOf(links.slice(0, 4)));
  });

  it.each([
    ['a chain that is shorter than the pin', 'rolled-back', 5, () => links.slice(0, 4)],
    ['no chain where there was one', 'rolled-back', 5, () => []],
    ['another link at the pin', 'forked', 5, () => fork.slice(0, 5)],
    ['links that go on from another one', 'forked', 5, () => fork],
    ['another account', 'other-account', 1, () => stranger],
  ])('refuses %s as %s, and keeps what it had', async (_, code, seqno, at) => {
    const { follower, shelf, feed } = await following(5, { at: at() });
    const before = shelf.saved;
    expect(await follower.catchUp(never)).toEqual({ is: 'refused', code, seqno, reason: null });
    expect(shelf.saved).toBe(before);
    expect(follower.state?.head.seqno).toBe(5);
    feed.links = links;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
  });

  it('holds a relay to a pin of which the links were lost', async () => {
    const saved = { links: [], pin: headOf(links.slice(0, 5)), signed: null };
    const { follower, feed } = await following(4, { saved, at: fork });
    expect(await follower.catchUp(never)).toMatchObject({ is: 'refused', code: 'forked', seqno: 5 });
    expect(follower.state).toBeNull();
    feed.links = links;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
  });

  it('refuses links that replay refuses as bad-chain, by place and reason', async () => {
    const { follower, feed, shelf } = await following(4);
    const [first, ...rest] = links.slice(4);
    const { json } = first!;
    feed.links = [...links.slice(0, 4), { json, signature: rest[0]!.signature }, ...rest];
    const refused = { is: 'refused', code: 'bad-chain', seqno: 5, reason: 'bad-signature' };
    expect(await follower.catchUp(never)).toEqual(refused);
    feed.links = links.slice(0, 6);
    expect(await follower.catchUp(never)).toEqual({ ...refused, seqno: 7, reason: 'incomplete' });
    expect(shelf.saves).toBe(0);
  });

  it('refuses a relay that tells a head and gives fewer links, or others', async () => {
    const { follower, feed } = await following(4);
    feed.says = { account: accountOf(links), seqno: 9, hash: headOf(links).hash };
    expect(await follower.catchUp(never)).toMatchObject({ code: 'rolled-back', seqno: 9 });
    feed.says = { account: accountOf(links), seqno: 7, hash: headOf(fork).hash };
    expect(await follower.catchUp(never)).toMatchObject({ code: 'forked', seqno: 7 });
    expect(follower.state?.head.seqno).toBe(4);
  });

  it('refuses a first chain that is not the account that was named', async () => {
    const { deps } = await following(4);
    const follower = await ChainFollower.open({ ...deps, feed: new MemoryFeed(stranger) }, null);
    expect(await follower.catchUp(never)).toMatchObject({ is: 'refused', code: 'other-account' });
    // The relay names the right account and gives another's links.
    const feed = new MemoryFeed(stranger);
    feed.says = { account: accountOf(links), ...headOf(stranger) };
    const lied = await ChainFollower.open({ ...deps, feed }, null);
    expect(await lied.catchUp(never)).toMatchObject({ is: 'refused', code: 'other-account' });
  });

  it('says unreachable where the relay gives nothing, and why', async () => {
    const { follower, feed } = await following(4);
    feed.fault = new Error('gone');
    expect(await follower.catchUp(never)).toEqual({ is: 'unreachable', cause: feed.fault });
  });

  it('rejects with not-kept where the shelf fails: nothing has changed then', async () => {
    const { follower, shelf } = await following(4);
    shelf.fault = new Error('full');
    const told: number[] = [];
    follower.onAdvance(({ head }) => told.push(head.seqno));
    await expect(follower.catchUp(never)).rejects.toMatchObject({ code: 'not-kept', cause: shelf.fault });
    expect([follower.state?.head.seqno, follower.pin?.seqno, told]).toEqual([4, 4, []]);
    shelf.fault = null;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
    expect(told).toEqual([7]);
  });

  it('is one run for all who ask at once, and ends when the last has gone', async () => {
    const { follower, feed } = await following(4);
    let answer = (): void => undefined;
    feed.before = () => new Promise<void>((resolve) => (answer = resolve));
    const [gone, staying] = [new AbortController(), new AbortController()];
    const first = follower.catchUp(gone.signal);
    const second = follower.catchUp(staying.signal);
    gone.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    answer();
    expect(await second).toMatchObject({ is: 'advanced' });
    expect(feed.asked).toEqual(['head', 'after 4']);
    await expect(follower.catchUp(gone.signal)).rejects.toMatchObject({ code: 'cancelled' });
    const third = follower.catchUp(staying.signal);
    staying.abort();
    await expect(third).rejects.toMatchObject({ code: 'cancelled' });
    feed.before = () => undefined;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'current' });
  });
});

describe('ChainFollower.open', () => {
  it('goes on from links whose pin is ahead of none of them, and refuses those that do not reach it', async () => {
    const pin = headOf(links.slice(0, 5));
    const { follower } = await following(4, { saved: { links, pin, signed: null } });
    expect([follower.state?.head, follower.pin]).toEqual([headOf(links), pin]);
    const opened = (saved: SavedChain) => following(4, { saved });
    await expect(opened({ links: links.slice(0, 4), pin, signed: null })).rejects.toMatchObject({
      code: 'rolled-back',
    });
    await expect(opened({ links: fork, pin, signed: null })).rejects.toMatchObject({ code: 'forked' });
    await expect(opened({ links: stranger, pin: null, signed: null })).rejects.toMatchObject({ code: 'other-account' });
  });
});

describe('ChainFollower.take', () => {
  it('takes what was posted, also while a relay is asked and where it is known in part', async () => {
    const { follower, feed, shelf } = await following(2);
    feed.before = async () => {
      feed.before = () => undefined;
      await follower.take(links.slice(2, 5));
    };
    expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
    expect((await follower.take(links.slice(3))).head).toEqual(headOf(links));
    expect(shelf.saved?.links.length).toBe(7);
    expect(shelf.saved?.links.every(({ json }, i) => equal(json, links[i]!.json))).toBe(true);
  });

  it('rejects links that do not go on from the chain, and another account as the first', async () => {
    const { follower, deps } = await following(5);
    await expect(follower.take(fork.slice(4))).rejects.toMatchObject({ code: 'forked', seqno: 5 });
    await expect(follower.take(links.slice(6))).rejects.toMatchObject({ code: 'wrong-seqno' });
    const empty = await ChainFollower.open(deps, null);
    await expect(empty.keep(stranger)).rejects.toMatchObject({ code: 'other-account' });
    expect(empty.state).toBeNull();
  });
});

describe('ChainFollower.meet', () => {
  it('knows an older head without asking, fetches a newer one, and sees a fork', async () => {
    const { follower, feed } = await following(5);
    expect(await follower.meet(headOf(links.slice(0, 3)), ada, never)).toMatchObject({ is: 'current' });
    expect(await follower.meet(headOf(fork.slice(0, 5)), ada, never)).toEqual({
      is: 'refused',
      code: 'forked',
      seqno: 5,
      reason: null,
    });
    expect(feed.asked).toEqual([]);
    expect(await follower.meet(headOf(links), ada, never)).toMatchObject({
      is: 'advanced',
      state: { head: headOf(links) },
    });
    expect(feed.asked).toEqual(['head', 'after 5']);
  });

  it('sees a fork that is ahead only when it is fetched', async () => {
    const { follower } = await following(4);
    expect(await follower.meet(headOf(fork), ada, never)).toMatchObject({ is: 'refused', code: 'forked', seqno: 6 });
  });

  it('says withheld where the relay does not give what the other has seen, after it has asked twice', async () => {
    const { follower, feed } = await following(4, { at: links.slice(0, 5) });
    expect(await follower.meet(headOf(links), ada, never)).toMatchObject({ is: 'withheld', head: headOf(links) });
    expect(feed.asked).toEqual(['head', 'after 4', 'head']);
  });

  it('asks again where the run under way had asked before the head was there', async () => {
    const { follower, feed } = await following(4, { at: links.slice(0, 4) });
    const stale = { account: accountOf(links), ...headOf(links.slice(0, 4)) };
    feed.says = stale;
    feed.before = () => {
      feed.before = () => void ([feed.says, feed.links] = [undefined, links]);
    };
    const first = follower.catchUp(never);
    const met = follower.meet(headOf(links), ada, never);
    expect(await first).toMatchObject({ is: 'withheld' });
    expect(await met).toMatchObject({ is: 'advanced', state: { head: headOf(links) } });
  });

  it('remembers what was told, whatever the relay answers, until the chain holds it', async () => {
    const { follower, feed } = await following(4, { at: links.slice(0, 5) });
    feed.fault = new Error('gone');
    expect(await follower.meet(headOf(links), ada, never)).toMatchObject({ is: 'unreachable' });
    feed.fault = null;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'withheld', state: { head: headOf(links.slice(0, 5)) } });
    expect(await follower.meet(headOf(links.slice(0, 5)), ada, never)).toMatchObject({ is: 'current' });
    expect(await follower.catchUp(never)).toMatchObject({ is: 'withheld', head: headOf(links) });
    feed.links = links;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
    expect(await follower.catchUp(never)).toMatchObject({ is: 'current' });
  });

  it('remembers a fork that was told until a person lets go of it', async () => {
    const { follower } = await following(5);
    expect(await follower.meet(headOf(fork.slice(0, 5)), ada, never)).toMatchObject({ code: 'forked' });
    expect(await follower.catchUp(never)).toMatchObject({ is: 'refused', code: 'forked', seqno: 5 });
    follower.forgetTold();
    expect(await follower.catchUp(never)).toMatchObject({ is: 'current' });
  });

  it('forgets what a device has told that is out of the account', async () => {
    const { follower, feed } = await following(4, { at: links.slice(0, 4) });
    const madeUp = { seqno: 1_000, hash: parseLinkHash(new Uint8Array(32).fill(9)) };
    expect(await follower.meet(madeUp, bob, never)).toMatchObject({ is: 'withheld', head: { seqno: 1_000 } });
    feed.links = links;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
  });

  it('keeps what one device has told, when another tells more and leaves the account', async () => {
    const { follower, feed } = await following(4, { at: links.slice(0, 4) });
    const madeUp = { seqno: 1_000, hash: parseLinkHash(new Uint8Array(32).fill(9)) };
    await follower.meet(headOf(longer), ada, never);
    expect(await follower.meet(madeUp, bob, never)).toMatchObject({ is: 'withheld', head: { seqno: 1_000 } });
    feed.links = links;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'withheld', head: headOf(longer) });
    feed.links = longer;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
  });

  it('keeps the fork that one device has told, when the relay gives what another has told', async () => {
    const { follower, feed } = await following(5, { at: links.slice(0, 5) });
    expect(await follower.meet(headOf(links), ada, never)).toMatchObject({ is: 'withheld' });
    expect(await follower.meet(headOf(fork.slice(0, 5)), host, never)).toMatchObject({ code: 'forked' });
    feed.links = links;
    expect(await follower.catchUp(never)).toMatchObject({ is: 'refused', code: 'forked', seqno: 5 });
    expect(follower.state?.head).toEqual(headOf(links));
  });

  it('gives what a relay that refuses or is away comes to', async () => {
    const { follower, feed } = await following(4);
    feed.fault = new Error('gone');
    expect(await follower.meet(headOf(links), ada, never)).toMatchObject({ is: 'unreachable' });
    feed.fault = null;
    feed.links = [];
    expect(await follower.meet(headOf(links), ada, never)).toMatchObject({ is: 'refused', code: 'rolled-back' });
  });
});

describe('ChainFollower.reserve', () => {
  const placeAt = (seqno: number) => placeFollowing(sha256, links[seqno - 2]!);

  it('gives a place once, keeps that, and gives the next when another link stands there', async () => {
    const { follower, shelf, deps, feed } = await following(4, { at: links.slice(0, 4) });
    await follower.reserve(placeAt(5));
    expect(shelf.saved?.signed).toMatchObject({ seqno: 5, endsAt: null });
    await expect(follower.reserve(placeAt(5))).rejects.toMatchObject({ code: 'already-signed' });
    const again = await ChainFollower.open(deps, shelf.saved);
    await expect(again.reserve(placeAt(5))).rejects.toMatchObject({ code: 'already-signed' });
    feed.links = links.slice(0, 5);
    await again.catchUp(never);
    expect([again.signed, shelf.saved?.signed]).toEqual([null, null]);
    await again.reserve(placeAt(6));
  });

  it('gives it again when no relay takes that link any more: at its end, or when it was refused', async () => {
    const { follower, clock } = await following(4);
    await follower.reserve(placeAt(5), 600);
    clock.now = 600;
    await expect(follower.reserve(placeAt(5))).rejects.toMatchObject({ code: 'already-signed' });
    clock.now = 601;
    await follower.reserve(placeAt(5));
    await follower.release(placeAt(6));
    await expect(follower.reserve(placeAt(5))).rejects.toMatchObject({ code: 'already-signed' });
    await follower.release(placeAt(5));
    await follower.reserve(placeAt(5));
  });

  it('gives no place but the chain’s end, and none before it is kept', async () => {
    const { follower, shelf, deps } = await following(4);
    await expect(follower.reserve(placeAt(4))).rejects.toMatchObject({ code: 'not-the-end' });
    await expect(follower.reserve({ ...placeAt(5), prev: headOf(fork).hash })).rejects.toMatchObject({
      code: 'not-the-end',
    });
    const empty = await ChainFollower.open(deps, null);
    await expect(empty.reserve(placeAt(5))).rejects.toMatchObject({ code: 'not-the-end' });
    shelf.fault = new Error('full');
    await expect(follower.reserve(placeAt(5))).rejects.toMatchObject({ code: 'not-kept' });
    expect(follower.signed).toBeNull();
  });
});
