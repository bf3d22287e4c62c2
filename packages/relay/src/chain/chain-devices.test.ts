import { parseRendezvousId, toHex, type AccountId } from '@palmkey/envelope';
import { afterAll, describe, expect, test } from 'vitest';
import { dayOf } from '../store/device-store.ts';
import { InvitationStore } from '../store/invitation-store.ts';
import { RendezvousStore } from '../store/rendezvous-store.ts';
import { as, begunIn, failing, grantOf, nodeOn, refusedFor, sha256 } from '../testing/chain-stage.ts';
import { TestPeople } from '../testing/test-chain.ts';
import type { TestDevice } from '../testing/test-device.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';

describe.each(testableDialects)('the devices of a chain, in a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());
  const begun = (maxDevices?: number) => begunIn(stores, maxDevices);

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
});
