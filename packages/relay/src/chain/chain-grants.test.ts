import { afterAll, describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { as, begunIn, failing, grantOf, joining, refusedFor, sha256 } from '../testing/chain-stage.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';

describe.each(testableDialects)('grants to join a chain, in a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());
  const begun = (maxDevices?: number) => begunIn(stores, maxDevices);

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
});
