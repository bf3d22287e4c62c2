/** What a device never gives up, whatever a relay shows it and other devices tell it. */
import { checkPin, type ChainState, placeOfHead, type SignedLink } from '@palmkey/chain';
import { type DeviceId, toHex } from '@palmkey/envelope';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { webPrimitives } from '../crypto/index.ts';
import { fixedDevice } from '../testing/fixed-keys.ts';
import { accountOf, headOf, MemoryFeed, MemoryShelf, newMaker } from '../testing/memory-chain.ts';
import { ChainFollower, FollowError } from './index.ts';

/** Two histories of one account that part after the fourth link. */
const histories: (readonly SignedLink[])[] = [];
const tellers: DeviceId[] = [];
/** Where a chain may end: between no `sibkey` and its `subkey`, and no `revoke` and its `puk`. */
const ends = [1, 2, 4, 5, 7, 8];

beforeAll(async () => {
  const maker = await newMaker().eldest('ada');
  await maker.host('ada', 'host');
  await maker.member('ada', 'bob');
  const other = maker.fork();
  for (const [chain, names] of [
    [maker, ['tower', 'desk']],
    [other, ['laptop', 'shed']],
  ] as const) {
    await chain.host('ada', names[0]);
    await chain.revoke('ada', 'bob');
    await chain.puk('ada');
    await chain.host('ada', names[1]);
    histories.push([...chain.links]);
  }
  for (const name of ['ada', 'host', 'bob']) tellers.push((await fixedDevice(name)).id);
});

const place = fc.record({ history: fc.nat(1), end: fc.constantFrom(...ends) });
/** A part of one history, or of both behind each other. */
const linksOf = ({ history, end }: { readonly history: number; readonly end: number }) =>
  (histories[history] ?? []).slice(0, end);
const step = fc.oneof(
  fc.record({ is: fc.constant('show' as const), place }),
  fc.record({ is: fc.constant('mix' as const), place, cut: fc.nat(8) }),
  fc.record({ is: fc.constant('lie' as const), place, seqno: fc.nat(12) }),
  fc.record({ is: fc.constant('fail' as const) }),
  fc.record({ is: fc.constant('tell' as const), place, by: fc.nat(2) }),
  fc.record({ is: fc.constant('open' as const) }),
);

it('ChainFollower keeps its pin and its doubts, whatever it is shown and told', async () => {
  const heard = new Set<string>();
  const never = new AbortController().signal;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const feed = new MemoryFeed();
      const shelf = new MemoryShelf();
      const [first = []] = histories;
      const deps = { primitives: webPrimitives, feed, shelf, now: () => 0, account: accountOf(first) };
      let follower = await ChainFollower.open(deps, null);
      let told = new Map<string, { readonly by: DeviceId; readonly head: ReturnType<typeof headOf> }>();
      for (const each of steps) {
        const [state, pin] = [follower.state, follower.pin];
        feed.fault = null;
        let caught: string;
        if (each.is === 'tell') {
          const [by, head] = [tellers[each.by] ?? expect.unreachable(), headOf(linksOf(each.place))];
          const known = told.get(toHex(by));
          if (known === undefined || known.head.seqno < head.seqno) told.set(toHex(by), { by, head });
          caught = (await follower.meet(head, by, never)).is;
        } else if (each.is === 'open') {
          follower = await ChainFollower.open(deps, shelf.saved);
          // What was told does not outlast the program.
          told = new Map();
          caught = 'opened';
        } else {
          feed.says = undefined;
          if (each.is === 'fail') feed.fault = new Error('away');
          else feed.links = linksOf(each.place);
          if (each.is === 'mix') {
            const other = histories[1 - each.place.history] ?? [];
            feed.links = [...feed.links.slice(0, each.cut), ...other.slice(each.cut)];
          }
          if (each.is === 'lie') {
            feed.says = { account: accountOf(first), seqno: each.seqno, hash: headOf(linksOf(each.place)).hash };
          }
          caught = (await follower.catchUp(never)).is;
        }
        heard.add(caught);
        expectKept(state, pin, follower, shelf);
        if (caught === 'advanced') expectNoDoubt(follower.state, [...told.values()]);
        if (caught === 'current' && each.is !== 'tell') expectNoDoubt(follower.state, [...told.values()]);
      }
    }),
    { numRuns: 150 },
  );
  for (const is of ['advanced', 'current', 'refused', 'withheld', 'unreachable', 'opened']) {
    expect([...heard]).toContain(is);
  }
}, 60_000);

it('ChainFollower gives no place twice while its link may come, whatever the clock does', async () => {
  const [links = []] = histories;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { maxLength: 12 }), async (asks) => {
      const shelf = new MemoryShelf();
      shelf.saved = { links: links.slice(0, 5), pin: headOf(links.slice(0, 5)), signed: null };
      let now = 0;
      const deps = { primitives: webPrimitives, feed: new MemoryFeed(), shelf, now: () => now, account: null };
      let until = -1;
      for (const [at, endsAt] of asks) {
        now = at;
        const follower = await ChainFollower.open(deps, shelf.saved);
        const place = { seqno: 6, prev: headOf(links.slice(0, 5)).hash };
        const given = await follower.reserve(place, endsAt).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ name: FollowError.name, code: 'already-signed' });
            return false;
          },
        );
        expect(given).toBe(at > until);
        if (given) until = endsAt;
      }
    }),
    { numRuns: 50 },
  );
});

/** The chain goes on from what was there, reaches its pin, and stands on the shelf as it is. */
function expectKept(
  before: ChainState | null,
  pin: ChainFollower['pin'],
  follower: ChainFollower,
  shelf: MemoryShelf,
): void {
  const { state } = follower;
  if (before !== null) {
    const now = state ?? expect.unreachable();
    expect(['same', 'behind']).toContain(placeOfHead(now, before.head));
  }
  if (pin !== null) expect(follower.pin?.seqno).toBeGreaterThanOrEqual(pin.seqno);
  if (state === null) return;
  if (follower.pin !== null) checkPin(state, follower.pin);
  expect(headOf(shelf.saved?.links ?? [])).toEqual(state.head);
  expect(shelf.saved?.pin).toEqual(follower.pin);
}

/** Whoever is in the account has told nothing that this chain does not hold. */
function expectNoDoubt(
  state: ChainState | null,
  told: readonly { readonly by: DeviceId; readonly head: ReturnType<typeof headOf> }[],
): void {
  const now = state ?? expect.unreachable();
  for (const { by, head } of told) {
    if (now.standingOf(by) !== 'revoked') expect(['same', 'behind']).toContain(placeOfHead(now, head));
  }
}
