import { replay, decodeLinks } from '@palmkey/chain';
import { concat, type AccountId } from '@palmkey/envelope';
import { afterAll, describe, expect, test } from 'vitest';
import { ChainStore } from '../store/chain-store.ts';
import { as, begunIn, failing, nodeOn, refusedFor } from '../testing/chain-stage.ts';
import { TestPeople } from '../testing/test-chain.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';
import { chainPrimitives } from './primitives.ts';

describe.each(testableDialects)('posts to a chain, in a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());
  const begun = (maxDevices?: number) => begunIn(stores, maxDevices);

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
