import { replay, decodeLinks } from '@palmkey/chain';
import { toHex } from '@palmkey/envelope';
import { afterAll, describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { as, failing, joining, nodeOn, refusedFor } from '../testing/chain-stage.ts';
import { TestPeople } from '../testing/test-chain.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';
import { chainPrimitives } from './primitives.ts';

describe.each(testableDialects)('a chain that is begun elsewhere, in a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());

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
});
