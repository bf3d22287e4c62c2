import { replay, decodeLinks } from '@palmkey/chain';
import { concat, parseGrant, parseRendezvousId, toHex, type AccountId, type AccountRecord } from '@palmkey/envelope';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import type { ChainUser } from '../socket/order-ports.ts';
import { AccountStore } from '../store/account-store.ts';
import { ChainDataStore } from '../store/chain-data-store.ts';
import { ChainGrantStore } from '../store/chain-grant-store.ts';
import { ChainStore } from '../store/chain-store.ts';
import { dayOf, DeviceStore } from '../store/device-store.ts';
import { InvitationStore } from '../store/invitation-store.ts';
import { Registry } from '../store/registry.ts';
import { RendezvousStore } from '../store/rendezvous-store.ts';
import type { Database } from '../store/database.ts';
import { TestPeople } from '../testing/test-chain.ts';
import { TestClock } from '../testing/test-clock.ts';
import type { TestDevice } from '../testing/test-device.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';
import { ChainDesk } from './chain-desk.ts';
import { chainPrimitives } from './primitives.ts';

const failing = (code: string): Error => expect.objectContaining({ name: 'RelayError', code }) as Error;
const refusedFor = (reason: string, seqno: number): Error =>
  expect.objectContaining({ code: 'bad-chain', refusal: { reason, seqno } }) as Error;
const grantOf = (n: number) => parseGrant(new Uint8Array(32).fill(n));
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const as = (device: TestDevice, account: Uint8Array = device.id): ChainUser => ({
  device: device.id,
  account: account as AccountId,
  joins: null,
});
const joining = (device: TestDevice, chain: AccountId): ChainUser => ({ ...as(device), joins: chain });

/** One node of a relay on a store, as far as chains go. */
function nodeOn(database: Database, clock = new TestClock(), maxDevices = 1_000) {
  const grants = new ChainGrantStore(database);
  const chains = new ChainStore(database, { maxDevices });
  const desk = new ChainDesk({ clock, chains, grants, data: new ChainDataStore(database) });
  return {
    clock,
    database,
    desk,
    chains,
    grants,
    registry: new Registry(database, { maxDevices, onAccountChanged: () => undefined }),
    devices: new DeviceStore(database, { open: false }),
    accounts: new AccountStore(database),
  };
}

describe.each(testableDialects)('chains, in a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());

  /** A relay that knows ada, whose chain has begun there. */
  async function begun(maxDevices = 1_000) {
    const node = nodeOn(await stores.open(), new TestClock(), maxDevices);
    const people = new TestPeople();
    const ada = people.device('ada');
    await node.registry.admitByOperator(ada, node.clock.now());
    const chain = await people.begin('ada');
    const change = await node.desk.post(as(ada), chain.post({ boxes: ['ada'] }));
    return { ...node, people, ada, chain, change };
  }

  test('a device begins the chain of its account, and everybody can fetch it', async () => {
    const { desk, ada, chain, change } = await begun();
    const head = { account: chain.account, ...chain.head };
    expect(change).toEqual({ account: ada.id, head, forgotten: [], moved: [] });
    expect(await desk.ask(as(ada))).toEqual(head);
    const fetched = await desk.links(chain.account, 0);
    expect(fetched.head).toEqual(head);
    const state = await replay(chainPrimitives, decodeLinks(fetched.links), null);
    expect(state.head).toEqual(chain.head);
    expect((await desk.links(chain.account, 1)).links).toHaveLength(0);
    expect((await desk.links(chain.account, 7)).links).toHaveLength(0);
    await expect(desk.links(ada.id as Uint8Array as AccountId, 0)).rejects.toEqual(failing('no-chain'));
  });

  test('only a device that is on it begins a chain, with its box, and an account has one', async () => {
    const { desk, registry, clock, people, chain, ada } = await begun();
    const [bob, eve] = [people.device('bob'), people.device('eve')];
    for (const device of [bob, eve]) await registry.admitByOperator(device, clock.now());
    const bobs = await people.begin('bob');
    const eldest = bobs.post({ boxes: ['bob'] });
    await expect(desk.post(as(eve), eldest)).rejects.toEqual(refusedFor('not-yours', 1));
    await expect(desk.post(as(bob), { ...eldest, boxes: [] })).rejects.toEqual(refusedFor('wrong-boxes', 1));
    expect(await desk.ask(as(bob))).toBeNull();
    // A second chain of ada's account, by ada.
    const second = await people.begin('ada');
    await second.maker.redo('ada', (link) => ({ ...link, ctime: 7 }));
    await expect(desk.post(as(ada), second.post({ boxes: ['ada'] }))).rejects.toEqual(failing('conflict'));
    // A device of the account that is not on its chain.
    await expect(desk.post(as(bob, ada.id), eldest)).rejects.toEqual(refusedFor('not-yours', 1));
    // What goes on from a chain that there is none of.
    await chain.maker.host('ada', 'host');
    await expect(desk.post(as(bob), chain.post())).rejects.toEqual(failing('no-chain'));
  });

  test('a first post may have more links than the eldest', async () => {
    const node = nodeOn(await stores.open());
    const people = new TestPeople();
    const ada = people.device('ada');
    await node.registry.admitByOperator(ada, node.clock.now());
    const chain = await people.begin('ada');
    await chain.maker.host('ada', 'host');
    await chain.maker.paper('ada', 'words');
    await node.desk.post(as(ada), chain.post({ boxes: ['ada', 'words'] }));
    expect(await node.devices.accountOf(people.device('host').id)).toEqual(ada.id);
    expect(await node.desk.ask(as(people.device('words'), ada.id))).toMatchObject({ account: chain.account });
    expect((await node.desk.boxes(as(people.device('words'), ada.id), 0)).box).not.toBeNull();
  });

  test('a member that came later brings the whole chain to a relay that has none, as many posts as it takes', async () => {
    const node = nodeOn(await stores.open());
    const people = new TestPeople();
    const bob = people.device('bob');
    await node.registry.admitByOperator(bob, node.clock.now());
    const chain = await people.begin('ada');
    await chain.maker.member('ada', 'bob');
    await chain.maker.host('ada', 'host');
    await node.desk.post(as(bob), chain.post({ boxes: ['ada', 'bob'], sender: 'bob' }));
    await chain.maker.revoke('bob', 'ada');
    await chain.maker.puk('bob');
    await node.desk.post(as(bob), chain.post({ boxes: ['bob'], generation: 2, seeds: [2] }));
    expect(await node.desk.ask(as(bob))).toMatchObject({ account: chain.account, seqno: 6 });
    expect(await node.devices.accountOf(people.device('host').id)).toEqual(bob.id);
  });

  test('nobody else does: a stranger, a computer, a member that it ends, one that joins only later, and the words', async () => {
    const node = nodeOn(await stores.open());
    const people = new TestPeople();
    const chain = await people.begin('ada');
    await chain.maker.host('ada', 'host');
    await chain.maker.paper('ada', 'words');
    await chain.maker.member('ada', 'bob');
    await chain.maker.revoke('ada', 'bob');
    await chain.maker.puk('ada');
    const whole = chain.post({ boxes: ['ada', 'words'], generation: 2, seeds: [2], sender: 'ada' });
    for (const name of ['eve', 'host', 'words', 'bob']) {
      const device = people.device(name);
      await node.registry.admitByOperator(device, node.clock.now());
      await expect(node.desk.post(as(device), whole), name).rejects.toEqual(refusedFor('not-yours', 1));
    }
    const later = people.device('carl');
    await node.registry.admitByOperator(later, node.clock.now());
    const early = chain.postOf(0, chain.maker.links.slice(0, 3), { boxes: ['ada', 'words'], sender: 'ada' });
    await expect(node.desk.post(as(later), early)).rejects.toEqual(refusedFor('not-yours', 1));
  });

  test('whoever was removed can hold its account’s place where that never was, until a member that it knew comes', async () => {
    const node = nodeOn(await stores.open());
    const people = new TestPeople();
    const { desk, registry, devices, clock } = node;
    const [bob, carl] = [people.device('bob'), people.device('carl')];
    for (const device of [bob, carl]) await registry.admitByOperator(device, clock.now());
    const chain = await people.begin('ada');
    await chain.maker.member('ada', 'bob');
    const before = [...chain.maker.links];
    await chain.maker.member('ada', 'carl');
    await chain.maker.revoke('ada', 'bob');
    await chain.maker.puk('ada');
    const latest = { boxes: ['ada', 'carl'], generation: 2, seeds: [2], sender: 'ada' };
    await desk.post(as(bob), chain.postOf(0, before, { boxes: ['ada', 'bob'], sender: 'ada' }));
    await expect(desk.post(as(carl), chain.postOf(0, chain.maker.links, latest))).rejects.toEqual(failing('conflict'));
    const ada = as(people.device('ada'), bob.id);
    const change = await desk.post(ada, chain.postOf(3, chain.maker.links.slice(3), latest));
    expect(change?.forgotten.map(({ device }) => toHex(device))).toEqual([toHex(bob.id)]);
    expect(await devices.accountOf(carl.id)).toEqual(bob.id);
    await expect(desk.post(as(bob, bob.id), chain.postOf(3, []))).rejects.toEqual(refusedFor('not-yours', 4));
  });

  /** A chain that bob joins late, given as far as ada has made it before. */
  async function partly() {
    const node = nodeOn(await stores.open());
    const people = new TestPeople();
    const bob = people.device('bob');
    await node.registry.admitByOperator(bob, node.clock.now());
    const chain = await people.begin('ada');
    await chain.maker.host('ada', 'host');
    const first = chain.post();
    await chain.maker.member('ada', 'carl');
    await chain.maker.revoke('ada', 'carl');
    await chain.maker.puk('ada');
    const second = chain.post({ seeds: [2] });
    await chain.maker.member('ada', 'bob');
    return { ...node, people, bob, chain, first, second };
  }

  test('a member that came late gives the beginning in parts, which have no effect before it is in', async () => {
    const { desk, devices, people, bob, chain, first, second } = await partly();
    await desk.part(as(bob), first);
    await desk.part(as(bob), second);
    expect(await desk.ask(as(bob))).toBeNull();
    await expect(desk.links(chain.account, 0)).rejects.toEqual(failing('no-chain'));
    for (const name of ['ada', 'host']) expect(await devices.accountOf(people.device(name).id)).toBeNull();
    const last = chain.post({ boxes: ['ada', 'bob'], generation: 2, sender: 'bob' });
    expect(await desk.post(as(bob), last)).toMatchObject({ account: bob.id, forgotten: [], moved: [] });
    const fetched = await desk.links(chain.account, 0);
    expect((await replay(chainPrimitives, decodeLinks(fetched.links), null)).head).toEqual(chain.head);
    expect(await desk.boxes(as(bob), 0)).toEqual({ box: last.boxes[1], seeds: second.seeds });
    for (const name of ['ada', 'host', 'bob']) {
      expect(await devices.accountOf(people.device(name).id), name).toEqual(bob.id);
    }
    expect(await devices.accountOf(people.device('carl').id)).toBeNull();
    // The answer was lost, and the post comes again.
    expect(await desk.post(as(bob), last)).toBeNull();
    await expect(desk.part(as(bob), first)).rejects.toEqual(failing('conflict'));
  });

  test('parts go on from each other, and a first one begins anew', async () => {
    const { desk, bob, chain, first, second } = await partly();
    await expect(desk.part(as(bob), second)).rejects.toEqual(failing('conflict'));
    await desk.part(as(bob), first);
    await desk.part(as(bob), second);
    await expect(desk.part(as(bob), second)).rejects.toEqual(failing('conflict'));
    await desk.part(as(bob), first);
    const last = chain.post({ boxes: ['ada', 'bob'], generation: 2 });
    await expect(desk.post(as(bob), last)).rejects.toEqual(failing('no-chain'));
    await desk.part(as(bob), second);
    expect(await desk.post(as(bob), last)).not.toBeNull();
  });

  test('a post goes on from parts of its own device alone, has what the whole needs, and makes it a member', async () => {
    const { desk, registry, clock, people, bob, chain, first, second } = await partly();
    const eve = people.device('eve');
    await registry.admitByOperator(eve, clock.now());
    for (const device of [bob, eve]) {
      await desk.part(as(device), first);
      await desk.part(as(device), second);
    }
    const from = chain.maker.links.slice(6);
    const last = (beside: Parameters<typeof chain.postOf>[2]) => chain.postOf(6, from, beside);
    const right = { boxes: ['ada', 'bob'], generation: 2 };
    await expect(desk.post(as(eve), last(right))).rejects.toEqual(refusedFor('not-yours', 7));
    for (const wrong of [
      { ...right, boxes: ['bob'] },
      { ...right, seeds: [2] },
      { ...right, generation: 1 },
    ]) {
      await expect(desk.post(as(bob), last(wrong))).rejects.toEqual(refusedFor('wrong-boxes', 7));
    }
    const other = people.device('other');
    await registry.admitByOperator(other, clock.now());
    await expect(desk.post(as(other), last(right))).rejects.toEqual(failing('no-chain'));
    await expect(desk.part(joining(bob, chain.account), first)).rejects.toEqual(failing('no-chain'));
    expect(await desk.post(as(bob), last(right))).not.toBeNull();
    await expect(desk.post(as(eve), last(right))).rejects.toEqual(refusedFor('not-yours', 7));
  });

  test('a part is replayed, counted as a post, and gone after its time', async () => {
    const { desk, clock, bob, chain, first, second } = await partly();
    const cut = { ...first, links: first.links.subarray(1) };
    await expect(desk.part(as(bob), cut)).rejects.toEqual(refusedFor('bad-link', 1));
    const half = chain.postOf(0, chain.maker.links.slice(0, 3));
    await expect(desk.part(as(bob), half)).rejects.toEqual(refusedFor('incomplete', 4));
    await desk.part(as(bob), first);
    clock.advance(limits.chainPartsLifetimeMs);
    await expect(desk.part(as(bob), second)).rejects.toEqual(failing('conflict'));
    for (let n = 1; n < limits.chainPostsPerMinute; n++) await desk.part(as(bob), first);
    await expect(desk.part(as(bob), first)).rejects.toEqual(failing('rate-limited'));
  });

  test('a post that is on the chain already is well, at the end or before, and one that is not is a conflict', async () => {
    const { desk, ada, chain } = await begun();
    const [eldest] = chain.maker.links;
    const other = chain.fork();
    await chain.maker.host('ada', 'host');
    const first = chain.post();
    await desk.post(as(ada), first);
    await chain.maker.host('ada', 'tower');
    await desk.post(as(ada), chain.post());
    expect(await desk.post(as(ada), first)).toBeNull();
    expect(await desk.post(as(ada), chain.postOf(1, chain.maker.links.slice(1)))).toBeNull();
    expect(await desk.post(as(ada), chain.postOf(0, [eldest!], { boxes: ['ada'] }))).toBeNull();
    await other.maker.host('ada', 'laptop');
    await expect(desk.post(as(ada), other.post())).rejects.toEqual(failing('conflict'));
    expect((await desk.ask(as(ada)))?.seqno).toBe(3);
  });

  test('of two posts for one place, at two nodes, exactly one is taken', async () => {
    const where = await stores.where();
    const one = nodeOn(await stores.reopen(where));
    // A store in memory is its opener's alone.
    const other = dialect === 'sqlite' ? nodeOn(one.database) : nodeOn(await stores.reopen(where));
    const people = new TestPeople();
    const ada = people.device('ada');
    await one.registry.admitByOperator(ada, one.clock.now());
    const chain = await people.begin('ada');
    await one.desk.post(as(ada), chain.post({ boxes: ['ada'] }));
    for (let round = 0; round < 5; round++) {
      const left = chain.fork();
      const right = chain.fork();
      await left.maker.host('ada', `left ${round}`);
      await right.maker.host('ada', `right ${round}`);
      const posts = [one.desk.post(as(ada), left.post()), other.desk.post(as(ada), right.post())];
      const settled = await Promise.allSettled(posts);
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
      const won = settled[0]?.status === 'fulfilled' ? left : right;
      chain.maker.links.push(...won.maker.links.slice(-1));
      chain.post();
      expect((await other.desk.ask(as(ada)))?.hash).toEqual(chain.head.hash);
      const lost = won === left ? `right ${round}` : `left ${round}`;
      expect(await one.devices.accountOf(people.device(lost).id)).toBeNull();
    }
    expect((await one.desk.links(chain.account, 0)).head.seqno).toBe(6);
  });

  test('a member is added with its box, and has boxes and seeds to itself', async () => {
    const { desk, people, ada, chain, devices } = await begun();
    await chain.maker.member('ada', 'bob');
    const post = chain.post({ boxes: ['bob'], sender: 'ada' });
    const bob = as(people.device('bob'), ada.id);
    await expect(desk.boxes(bob, 0)).rejects.toEqual(failing('no-chain'));
    await desk.post(as(ada), post);
    expect(await devices.accountOf(bob.device)).toEqual(ada.id);
    expect((await desk.boxes(bob, 0)).box).toEqual(post.boxes[0]);
    expect((await desk.boxes(as(ada), 0)).box).not.toEqual(post.boxes[0]);
    await chain.maker.host('bob', 'host');
    await desk.post(bob, chain.post());
    const host = as(people.device('host'), ada.id);
    await expect(desk.boxes(host, 0)).rejects.toEqual(failing('no-chain'));
    await expect(desk.grant(host, new Uint8Array(32))).rejects.toEqual(failing('no-chain'));
    await expect(desk.read(host, 0)).rejects.toEqual(failing('no-chain'));
    await expect(desk.write(host, { name: 'a', revision: 0, bytes: Uint8Array.of(1) })).rejects.toEqual(
      failing('no-chain'),
    );
    // The device that is added may post what a member has signed, and a host too once it is there.
    await chain.maker.host('ada', 'tower');
    expect(await desk.post(host, chain.post())).not.toBeNull();
  });

  test('boxes and seeds are those that the post needs, no more and no less', async () => {
    const { desk, ada, chain, people } = await begun();
    await chain.maker.member('ada', 'bob');
    const from = chain.maker.links.slice(1);
    const wrong = refusedFor('wrong-boxes', 2);
    const tries = [
      {},
      { boxes: ['ada'] },
      { boxes: ['bob', 'ada'] },
      { boxes: ['bob', 'bob'] },
      { boxes: ['bob'], generation: 2 },
      { boxes: ['bob'], sender: 'stranger' },
      { boxes: ['bob'], seeds: [1] },
      { boxes: ['bob'], seeds: [2] },
    ];
    for (const beside of tries) await expect(desk.post(as(ada), chain.postOf(1, from, beside))).rejects.toEqual(wrong);
    await desk.post(as(ada), chain.post({ boxes: ['bob'] }));
    await chain.maker.host('ada', 'host');
    const host = chain.maker.links.slice(3);
    const besideHost = refusedFor('wrong-boxes', 4);
    await expect(desk.post(as(ada), chain.postOf(3, host, { boxes: ['host'] }))).rejects.toEqual(besideHost);
    await expect(desk.post(as(ada), chain.postOf(3, host, { boxes: ['ada'] }))).rejects.toEqual(besideHost);
    await desk.post(as(ada), chain.post());
    await chain.maker.revoke('ada', 'bob');
    await chain.maker.puk('ada');
    const revoking = chain.maker.links.slice(4);
    const more = [
      { boxes: ['ada'], generation: 2 },
      { boxes: ['ada'], generation: 1, seeds: [2] },
      { boxes: [], seeds: [2] },
      { boxes: ['ada', 'bob'], generation: 2, seeds: [2] },
      { boxes: ['ada', 'host'], generation: 2, seeds: [2] },
      { boxes: ['ada'], generation: 2, sender: 'host', seeds: [2] },
      { boxes: ['ada'], generation: 2, seeds: [1] },
      { boxes: ['ada'], generation: 2, seeds: [2, 2] },
      { boxes: ['ada'], generation: 2, seeds: [2, 3] },
    ];
    for (const beside of more) {
      await expect(desk.post(as(ada), chain.postOf(4, revoking, beside))).rejects.toEqual(refusedFor('wrong-boxes', 5));
    }
    expect((await desk.ask(as(ada)))?.seqno).toBe(4);
    const right = chain.post({ boxes: ['ada'], generation: 2, sender: 'bob', seeds: [2] });
    await desk.post(as(ada), right);
    expect(await desk.boxes(as(ada), 0)).toEqual({ box: right.boxes[0], seeds: right.seeds });
    expect(await desk.boxes(as(ada), 1)).toEqual({ box: right.boxes[0], seeds: [] });
    await expect(desk.boxes(as(people.device('bob'), ada.id), 0)).rejects.toEqual(failing('no-chain'));
  });

  test('what replay refuses is refused with its code and place, and nothing of it stays', async () => {
    const { desk, ada, chain, devices, people } = await begun();
    const from = async (make: (chain: Awaited<ReturnType<TestPeople['begin']>>) => Promise<unknown>) => {
      const fork = chain.fork();
      await make(fork);
      return fork.post();
    };
    const refusals: [string, number, (chain: Awaited<ReturnType<TestPeople['begin']>>) => Promise<unknown>][] = [
      ['incomplete', 3, ({ maker }) => maker.sibkey('ada', 'bob')],
      ['unknown-signer', 2, ({ maker }) => maker.host('eve', 'host')],
      ['not-allowed', 2, ({ maker }) => maker.revoke('ada', 'ada')],
      ['no-such-device', 2, ({ maker }) => maker.revoke('ada', 'bob')],
      ['not-allowed', 3, async ({ maker }) => (await maker.host('ada', 'host')).host('host', 'other')],
      ['reused-key', 2, ({ maker }) => maker.host('ada', 'ada')],
      [
        'bad-reverse-signature',
        2,
        async ({ maker }) => (await maker.host('ada', 'host')).redo('ada', (link) => ({ ...link, ctime: 7 })),
      ],
      ['bad-signature', 2, async ({ maker }) => (await maker.host('ada', 'host')).redoText('eve', (text) => text)],
      ['bad-link', 2, async ({ maker }) => (await maker.host('ada', 'host')).redoText('ada', (text) => ` ${text}`)],
      [
        'unknown-type',
        2,
        async ({ maker }) => (await maker.host('ada', 'host')).redo('ada', (link) => ({ ...link, type: 'king' })),
      ],
      [
        'unsupported-version',
        2,
        async ({ maker }) => (await maker.host('ada', 'host')).redo('ada', (link) => ({ ...link, v: 2 })),
      ],
      [
        'wrong-seqno',
        2,
        async ({ maker }) => (await maker.host('ada', 'host')).redo('ada', (link) => ({ ...link, seqno: 3 })),
      ],
    ];
    for (const [reason, seqno, make] of refusals) {
      await expect(desk.post(as(ada), await from(make)), reason).rejects.toEqual(refusedFor(reason, seqno));
    }
    const cut = await from(({ maker }) => maker.host('ada', 'host'));
    await expect(desk.post(as(ada), { ...cut, links: cut.links.subarray(1) })).rejects.toEqual(
      refusedFor('bad-link', 2),
    );
    expect((await desk.ask(as(ada)))?.seqno).toBe(1);
    expect(await devices.accountOf(people.device('host').id)).toBeNull();
  });

  test('a device revoked is forgotten with all that is kept of it, and never comes back', async () => {
    const { desk, registry, devices, database, ada, chain, people, clock, chains } = await begun();
    await chain.maker.member('ada', 'bob');
    await chain.maker.host('ada', 'host');
    await desk.post(as(ada), chain.post({ boxes: ['bob'] }));
    const bob = people.device('bob');
    await new RendezvousStore(database).open(parseRendezvousId(new Uint8Array(32).fill(1)), bob.id, clock.now());
    const invitation = { grantHash: sha256(grantOf(9)), uses: 1, createdAt: clock.now(), expiresAt: clock.now() + 9e6 };
    await new InvitationStore(database).add({ ...invitation, createdBy: { device: bob.id, account: ada.id } });
    await desk.grant(as(bob, ada.id), sha256(grantOf(8)));
    await chain.maker.revoke('ada', 'bob', 'host');
    await chain.maker.puk('ada');
    const change = await desk.post(as(ada), chain.post({ boxes: ['ada'], generation: 2, seeds: [2] }));
    const gone = change?.forgotten.map(({ device }) => toHex(device)).sort();
    expect(gone).toEqual([bob.id, people.device('host').id].map(toHex).sort());
    expect(await devices.accountOf(bob.id)).toBeNull();
    for (const table of ['rendezvous', 'invitations', 'chain_grants'] as const) {
      expect(await database.db.selectFrom(table).selectAll().execute(), table).toEqual([]);
    }
    expect(await chains.wasRevoked(bob.id)).toBe(true);
    expect(await registry.admitByOperator(bob, clock.now())).toMatchObject({ is: 'admitted', account: bob.id });
    await new InvitationStore(database).add({ ...invitation, createdBy: { device: ada.id, account: ada.id } });
    const host = people.device('host');
    expect(await registry.admitByGrant(host, grantOf(9), clock.now())).toEqual({ is: 'refused', code: 'removed' });
    // It was not used up by that.
    expect(await registry.admitByGrant(people.device('carol'), grantOf(9), clock.now())).toMatchObject({
      is: 'admitted',
      account: ada.id,
    });
    await expect(desk.post(as(bob, ada.id), chain.postOf(1, chain.maker.links.slice(1)))).rejects.toEqual(
      refusedFor('not-yours', 2),
    );
  });

  test('a host that revokes itself goes, and the others stay', async () => {
    const { desk, devices, ada, chain, people } = await begun();
    await chain.maker.host('ada', 'host');
    await desk.post(as(ada), chain.post());
    await chain.maker.revoke('host', 'host');
    const change = await desk.post(as(people.device('host'), ada.id), chain.post());
    expect(change?.forgotten).toHaveLength(1);
    expect(await devices.accountOf(people.device('host').id)).toBeNull();
    expect(await devices.accountOf(ada.id)).toEqual(ada.id);
    expect((await desk.ask(as(ada)))?.seqno).toBe(3);
  });

  test('a device that the relay knew under another account leaves that, which is forgotten with its last', async () => {
    const { desk, registry, devices, accounts, ada, chain, people, clock, database } = await begun();
    const [host, guest] = [people.device('host'), people.device('guest')];
    await registry.admitByOperator(host, clock.now());
    const invitation = { grantHash: sha256(grantOf(9)), uses: 2, createdAt: clock.now(), expiresAt: clock.now() + 9e6 };
    await new InvitationStore(database).add({ ...invitation, createdBy: { device: host.id, account: host.id } });
    await registry.admitByGrant(guest, grantOf(9), clock.now());
    await chain.maker.host('ada', 'host');
    const change = await desk.post(as(ada), chain.post());
    expect(change?.moved).toEqual([{ device: host.id, account: host.id }]);
    expect(await devices.accountOf(host.id)).toEqual(ada.id);
    expect(await devices.accountOf(guest.id)).toEqual(host.id);
    expect(await new InvitationStore(database).list(clock.now())).toEqual([]);
    await chain.maker.host('ada', 'guest');
    await desk.post(as(ada), chain.post());
    expect(
      (await accounts.listAccounts(10)).map(({ id, chain: its, links, devices: has }) => [
        toHex(id),
        its && toHex(its),
        links,
        has,
      ]),
    ).toEqual([[toHex(ada.id), toHex(chain.account), 3, 3]]);
  });

  test('a device that is active on another chain, or blocked, is not added', async () => {
    const { desk, registry, accounts, ada, chain, people, clock } = await begun();
    const bob = people.device('bob');
    await registry.admitByOperator(bob, clock.now());
    const bobs = await people.begin('bob');
    await bobs.maker.host('bob', 'host');
    await desk.post(as(bob), bobs.post({ boxes: ['bob'] }));
    const other = chain.fork();
    await other.maker.host('ada', 'host');
    await expect(desk.post(as(ada), other.post())).rejects.toEqual(refusedFor('other-account', 2));
    // Once it has left there, it is.
    await bobs.maker.revoke('host', 'host');
    await desk.post(as(people.device('host'), bob.id), bobs.post());
    const again = chain.fork();
    await again.maker.host('ada', 'host');
    expect(await desk.post(as(ada), again.post())).not.toBeNull();
    const eve = people.device('eve');
    await registry.admitByOperator(eve, clock.now());
    await accounts.block({ kind: 'device', id: eve.id }, clock.now());
    await again.maker.host('ada', 'eve');
    await expect(desk.post(as(ada), again.post())).rejects.toEqual(refusedFor('blocked', 3));
  });

  test('a device on a chain comes into that account, whatever lets it in', async () => {
    const { desk, registry, devices, accounts, ada, chain, people, clock } = await begun();
    await chain.maker.host('ada', 'host');
    await desk.post(as(ada), chain.post());
    const host = people.device('host');
    await accounts.remove({ kind: 'device', id: host.id });
    expect(await devices.accountOf(host.id)).toBeNull();
    expect(await registry.admitByOperator(host, clock.now())).toEqual({ is: 'admitted', account: ada.id });
  });

  test('a grant lets one device join, which the relay knows then as one of the account', async () => {
    const { desk, grants, devices, ada, chain, people, clock } = await begun();
    await desk.grant(as(ada), sha256(grantOf(1)));
    await expect(desk.grant(as(ada), sha256(grantOf(1)))).rejects.toEqual(failing('conflict'));
    const [bob, eve] = [people.device('bob'), people.device('eve')];
    const expiresAt = clock.now() + limits.chainGrantLifetimeMs;
    expect(await grants.use(grantOf(2), bob.id, clock.now())).toEqual({ is: 'nothing' });
    for (let times = 0; times < 2; times++) {
      expect(await grants.use(grantOf(1), bob.id, clock.now())).toEqual({
        is: 'joining',
        chain: chain.account,
        expiresAt,
      });
    }
    expect(await grants.use(grantOf(1), eve.id, clock.now())).toEqual({ is: 'nothing' });
    const user = joining(bob, chain.account);
    expect(await desk.ask(user)).toEqual({ account: chain.account, ...chain.head });
    expect(await desk.boxes(user, 0)).toEqual({ box: null, seeds: [] });
    await expect(desk.read(user, 0)).rejects.toEqual(failing('no-chain'));
    await expect(desk.grant(user, new Uint8Array(32))).rejects.toEqual(failing('no-chain'));
    // A post that adds another device is not for it.
    const other = chain.fork();
    await other.maker.host('ada', 'host');
    await expect(desk.post(user, other.post())).rejects.toEqual(refusedFor('not-yours', 2));
    await chain.maker.member('ada', 'bob');
    const post = chain.post({ boxes: ['bob'], sender: 'ada' });
    await expect(desk.post(joining(eve, chain.account), post)).rejects.toEqual(refusedFor('not-yours', 2));
    expect(await desk.post(user, post)).toMatchObject({ account: ada.id });
    expect(await devices.accountOf(bob.id)).toEqual(ada.id);
    expect(await grants.use(grantOf(1), bob.id, clock.now())).toEqual({ is: 'nothing' });
    expect(await desk.post(as(bob, ada.id), post)).toBeNull();
  });

  test('a grant is over after ten minutes, and with the member that made it', async () => {
    const { desk, grants, ada, chain, people, clock } = await begun();
    await desk.grant(as(ada), sha256(grantOf(1)));
    const bob = people.device('bob');
    const user = joining(bob, chain.account);
    await grants.use(grantOf(1), bob.id, clock.now());
    await chain.maker.member('ada', 'bob');
    const post = chain.post({ boxes: ['bob'] });
    clock.advance(limits.chainGrantLifetimeMs);
    expect(await grants.use(grantOf(1), bob.id, clock.now())).toEqual({ is: 'nothing' });
    await expect(desk.post(user, post)).rejects.toEqual(refusedFor('not-yours', 2));
    await grants.sweep(clock.now());
    // Bob is added by ada, and grants; then ada ends bob before carol has joined.
    await desk.post(as(ada), post);
    await desk.grant(as(bob, ada.id), sha256(grantOf(2)));
    const carol = people.device('carol');
    expect(await grants.use(grantOf(2), carol.id, clock.now())).toMatchObject({ is: 'joining' });
    await chain.maker.revoke('ada', 'bob');
    await chain.maker.puk('ada');
    await desk.post(as(ada), chain.post({ boxes: ['ada'], generation: 2, seeds: [2] }));
    expect(await grants.use(grantOf(2), carol.id, clock.now())).toEqual({ is: 'nothing' });
    await desk.grant(as(ada), sha256(grantOf(3)));
    expect(await grants.use(grantOf(3), bob.id, clock.now())).toEqual({ is: 'revoked' });
  });

  test('a chain has so many grants at a time', async () => {
    const { desk, ada, clock } = await begun();
    for (let n = 0; n < limits.chainGrantsPerChain; n++) await desk.grant(as(ada), sha256(grantOf(n)));
    await expect(desk.grant(as(ada), sha256(grantOf(99)))).rejects.toEqual(failing('quota'));
    clock.advance(limits.chainGrantLifetimeMs);
    await desk.grant(as(ada), sha256(grantOf(99)));
  });

  test('a device that a chain adds counts as one that the relay knows', async () => {
    const { desk, ada, chain } = await begun(2);
    const other = chain.fork();
    await chain.maker.host('ada', 'host');
    await desk.post(as(ada), chain.post());
    await chain.maker.host('ada', 'tower');
    await expect(desk.post(as(ada), chain.post())).rejects.toEqual(failing('quota'));
    expect((await desk.ask(as(ada)))?.seqno).toBe(2);
    await other.maker.host('ada', 'tower');
    await expect(desk.post(as(ada), other.post())).rejects.toEqual(failing('conflict'));
  });

  test('a node that another has overtaken goes on from what is stored', async () => {
    const { desk, database, ada, chain } = await begun();
    const other = nodeOn(database).desk;
    for (const node of [other, desk, other, other, desk]) {
      await chain.maker.host('ada', `host ${chain.head.seqno}`);
      await node.post(as(ada), chain.post());
    }
    expect((await desk.ask(as(ada)))?.hash).toEqual(chain.head.hash);
  });

  test('account data is written in the place of the revision that is named, and of no other', async () => {
    const { desk, ada, chain } = await begun();
    const record = (name: string, revision: number, byte = 1): AccountRecord => ({
      name,
      revision,
      bytes: Uint8Array.of(byte),
    });
    await desk.write(as(ada), record('facts/b', 0, 1));
    await desk.write(as(ada), record('facts/a', 0, 2));
    expect(await desk.write(as(ada), record('facts/A', 0, 3))).toEqual({
      account: ada.id,
      word: { account: chain.account, revision: 3 },
      members: [ada.id],
    });
    for (const revision of [0, 2]) {
      await expect(desk.write(as(ada), record('facts/b', revision))).rejects.toEqual(failing('conflict'));
    }
    await expect(desk.write(as(ada), record('facts/c', 1))).rejects.toEqual(failing('conflict'));
    const both = [1, 2].map((byte) => desk.write(as(ada), record('facts/b', 1, byte)));
    expect((await Promise.allSettled(both)).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const all = await desk.read(as(ada), 0);
    expect(all.latest).toBe(4);
    expect(all.records.map(({ name, revision }) => [name, revision])).toEqual([
      ['facts/a', 2],
      ['facts/A', 3],
      ['facts/b', 4],
    ]);
    expect(await desk.read(as(ada), 2)).toEqual({ latest: 4, records: all.records.slice(1) });
    expect(await desk.read(as(ada), 4)).toEqual({ latest: 4, records: [] });
  });

  test('a record of no bytes takes away what stands there, and its revision does not come again', async () => {
    const { desk, ada } = await begun();
    const write = (revision: number, bytes: Uint8Array) => desk.write(as(ada), { name: 'a', revision, bytes });
    await write(0, Uint8Array.of(1));
    await expect(write(2, new Uint8Array(0))).rejects.toEqual(failing('conflict'));
    expect(await write(1, new Uint8Array(0))).toBeNull();
    await expect(write(1, new Uint8Array(0))).rejects.toEqual(failing('conflict'));
    expect(await desk.read(as(ada), 0)).toEqual({ latest: 1, records: [] });
    expect((await write(0, Uint8Array.of(2)))?.word.revision).toBe(2);
  });

  test('a chain has so many records, and a new one is one too many then', async () => {
    const { desk, ada, database, chain } = await begun();
    const rows = Array.from({ length: limits.recordsPerChain }, (_, n) => ({
      chain: chain.account,
      name: Buffer.from(`n${n}`),
      revision: n + 1,
      record: Uint8Array.of(n & 255),
    }));
    for (let from = 0; from < rows.length; from += 256) {
      await database.db
        .insertInto('chain_records')
        .values(rows.slice(from, from + 256))
        .execute();
    }
    await database.db.updateTable('chains').set({ records_revision: rows.length }).execute();
    await expect(desk.write(as(ada), { name: 'x', revision: 0, bytes: Uint8Array.of(1) })).rejects.toEqual(
      failing('quota'),
    );
    await desk.write(as(ada), { name: 'n7', revision: 8, bytes: Uint8Array.of(1) });
  });

  test('a chain of as many bytes as there may be takes no more', async () => {
    const { desk, ada, chain, database } = await begun();
    await database.db
      .updateTable('chains')
      .set({ bytes: limits.chainBytes - 10 })
      .execute();
    await chain.maker.host('ada', 'host');
    await expect(desk.post(as(ada), chain.post())).rejects.toEqual(failing('quota'));
    expect((await desk.ask(as(ada)))?.seqno).toBe(1);
  });

  test('a device posts so many times a minute', async () => {
    const { desk, ada, chain, clock } = await begun();
    const again = chain.postOf(0, chain.maker.links, { boxes: ['ada'] });
    for (let n = 1; n < limits.chainPostsPerMinute; n++) expect(await desk.post(as(ada), again)).toBeNull();
    await expect(desk.post(as(ada), again)).rejects.toEqual(failing('rate-limited'));
    clock.advance(2_000);
    expect(await desk.post(as(ada), again)).toBeNull();
  });

  test('a device reads what is beside its chain so many times a minute', async () => {
    const { desk, ada, clock } = await begun();
    for (let n = 1; n < limits.chainReadsPerMinute; n++) await desk.read(as(ada), 0);
    await desk.boxes(as(ada), 0);
    await expect(desk.boxes(as(ada), 0)).rejects.toEqual(failing('rate-limited'));
    await expect(desk.read(as(ada), 0)).rejects.toEqual(failing('rate-limited'));
    clock.advance(100);
    expect((await desk.read(as(ada), 0)).records).toEqual([]);
  });

  test('a long chain that was let go of is replayed from its first link a few times a minute', async () => {
    const { database, clock, chains, grants, ada, chain } = await begun();
    const forgetful = new ChainDesk({ clock, chains, grants, data: new ChainDataStore(database), rememberedLinks: 0 });
    const add = async (name: string) => {
      await chain.maker.host('ada', name);
      await chain.maker.revoke(name, name);
    };
    for (let n = 0; n <= limits.longChainLinks / 2; n++) await add(`host ${n}`);
    await forgetful.post(as(ada), chain.post());
    for (let n = 1; n <= limits.longReplaysPerMinute; n++) {
      await add(`later ${n}`);
      await forgetful.post(as(ada), chain.post());
    }
    await add('last');
    const last = chain.post();
    await expect(forgetful.post(as(ada), last)).rejects.toEqual(failing('rate-limited'));
    clock.advance(60_000 / limits.longReplaysPerMinute);
    expect(await forgetful.post(as(ada), last)).not.toBeNull();
  });

  test('whom a revoked device let in otherwise goes with it, and whom those let in; nobody who is on the chain', async () => {
    const { desk, ada, chain, people, clock, database, registry, devices } = await begun();
    const invitations = new InvitationStore(database);
    let grants = 0;
    const invites = async (by: TestDevice, name: string) => {
      const grant = grantOf(++grants);
      const kept = { grantHash: sha256(grant), uses: 1, createdAt: clock.now(), expiresAt: clock.now() + 9e6 };
      await invitations.add({ ...kept, createdBy: { device: by.id, account: ada.id } });
      await registry.admitByGrant(people.device(name), grant, clock.now());
      return people.device(name);
    };
    await chain.maker.host('ada', 'host');
    await desk.post(as(ada), chain.post());
    const puppet = await invites(people.device('host'), 'puppet');
    const further = await invites(puppet, 'further');
    await invites(further, 'tower');
    const own = await invites(ada, 'own');
    await chain.maker.host('ada', 'tower');
    await desk.post(as(ada), chain.post());
    await chain.maker.revoke('ada', 'host');
    const change = await desk.post(as(ada), chain.post());
    const gone = [people.device('host'), puppet, further].map(({ id }) => toHex(id));
    expect(change?.forgotten.map(({ device }) => toHex(device)).sort()).toEqual(gone.sort());
    for (const { id } of [puppet, further]) expect(await devices.accountOf(id)).toBeNull();
    for (const { id } of [own, people.device('tower')]) expect(await devices.accountOf(id)).toEqual(ada.id);
  });

  test('nobody has a device on the chain forgotten, and only a member deletes its account, with the chain', async () => {
    const node = nodeOn(await stores.open());
    const people = new TestPeople();
    const [host, ada] = [people.device('host'), people.device('ada')];
    const { registry, desk, accounts, clock, database } = node;
    await registry.admitByOperator(host, clock.now());
    const invitation = { grantHash: sha256(grantOf(9)), uses: 1, createdAt: clock.now(), expiresAt: clock.now() + 9e6 };
    await new InvitationStore(database).add({ ...invitation, createdBy: { device: host.id, account: host.id } });
    await registry.admitByGrant(ada, grantOf(9), clock.now());
    const chain = await people.begin('ada');
    await chain.maker.host('ada', 'host');
    await desk.post(as(ada, host.id), chain.post({ boxes: ['ada'] }));
    expect(await accounts.forget(ada.id, host.id)).toEqual({ is: 'not-yours' });
    const account = host.id as Uint8Array as AccountId;
    await expect(accounts.deleteOwn(account, host.id)).rejects.toEqual(failing('conflict'));
    expect(await accounts.deleteOwn(account, ada.id)).toHaveLength(2);
    await expect(desk.links(chain.account, 0)).rejects.toEqual(failing('no-chain'));
    for (const table of ['chains', 'chain_links', 'chain_devices', 'chain_boxes', 'accounts'] as const) {
      expect(await database.db.selectFrom(table).selectAll().execute(), table).toEqual([]);
    }
  });

  test('a device on a chain is not forgotten for being away, as long as another of the account was there', async () => {
    const { desk, accounts, devices, ada, chain, people, clock } = await begun();
    await chain.maker.paper('ada', 'words');
    await chain.maker.host('ada', 'host');
    await desk.post(as(ada), chain.post({ boxes: ['words'] }));
    clock.advance(200 * 86_400_000);
    await devices.see(people.device('host').id, dayOf(clock.now()));
    expect(await accounts.sweep(clock.now(), 180)).toEqual([]);
    clock.advance(200 * 86_400_000);
    // Ada was let in by the operator, who has to take it back.
    const gone = await accounts.sweep(clock.now(), 180);
    expect(gone.map(({ device }) => toHex(device)).sort()).toEqual(
      [people.device('words').id, people.device('host').id].map(toHex).sort(),
    );
    expect(await desk.ask(as(ada))).not.toBeNull();
    expect(await accounts.remove({ kind: 'device', id: ada.id })).toHaveLength(1);
    await expect(desk.links(chain.account, 0)).rejects.toEqual(failing('no-chain'));
  });

  test('links are fetched whole, as many as one answer holds', async () => {
    const { desk, ada, chain, database } = await begun();
    for (let n = 0; n < 20; n++) await chain.maker.host('ada', `host ${n}`);
    await desk.post(as(ada), chain.post());
    const chains = new ChainStore(database, { maxDevices: 1 });
    const all = await chains.linksAfter(chain.account, 0, Infinity, 21);
    expect(concat(...all)).toEqual((await desk.links(chain.account, 0)).links);
    const some = all[0]!.length + all[1]!.length;
    expect(await chains.linksAfter(chain.account, 0, some, 21)).toHaveLength(2);
    expect(await chains.linksAfter(chain.account, 0, some - 1, 21)).toHaveLength(1);
    expect(await chains.linksAfter(chain.account, 19, Infinity, 21)).toEqual(all.slice(19));
  });
});
