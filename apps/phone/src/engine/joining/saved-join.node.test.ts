/** `.node.test.ts`: with a relay that runs in this process. */
import { RelayError } from '@palmkey/envelope';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../../../../packages/relay/src/testing/test-relay.ts';
import { everythingIn, shows } from '../../store/testing/everything-in.ts';
import type { PhoneEngine } from '../phone-engine.ts';
import type { ChainOrders, RelayLink } from '../ports.ts';
import {
  agree,
  browserAt,
  expectFailed,
  expectJoined,
  joining,
  lettingIn,
  opened,
  phase,
  stageAt,
  when,
} from '../testing/joining-stage.ts';

const passphrase = 'apple river stone cloud';

/** X, with an account and no computer, and Y, without anything, at a relay that runs in this process. */
async function stage() {
  const relay = await testRelay({ admission: 'open', rates: { postsPerMinute: 2_000 } });
  onTestFinished(() => relay.close());
  return stageAt(relay.url);
}

// The first of them also waits for the flows' own files.
describe('what was saved', { timeout: 60_000 }, () => {
  /** Y, which has saved and is about to post; each of its posts goes to `post`. `locked`: X has a passphrase. */
  async function aboutToPost(
    post: (link: RelayLink, ...posted: Parameters<ChainOrders['post']>) => Promise<void>,
    { locked } = { locked: false },
  ) {
    const here = await stage();
    if (locked) await here.x.passphrase.set(passphrase);
    const { connectRelay: connect } = here.atY.network;
    here.atY.network.connectRelay = (...asked) => {
      const link = connect?.(...asked) ?? expect.unreachable();
      const chain: ChainOrders = {
        ask: () => link.chain.ask(),
        boxes: () => link.chain.boxes(),
        part: (part) => link.chain.part(part),
        grant: (hash) => link.chain.grant(hash),
        records: () => link.chain.records(),
        recordsAfter: (revision) => link.chain.recordsAfter(revision),
        write: (record) => link.chain.write(record),
        post: (posted) => post(link, posted),
      };
      return new Proxy(link, {
        get: (target, key) => (key === 'chain' ? chain : (Reflect.get(target, key) as unknown)),
      });
    };
    const tab = opened(here.atY);
    here.tabY.close();
    await phase(tab.engine, 'first-run');
    here.x.joining.letDeviceIn('kex3');
    tab.engine.joining.join((await lettingIn(here.x, 'showing')).link);
    await agree(here.x, tab.engine);
    const reopen = (): PhoneEngine => {
      here.atY.network = browserAt(here.relay).network;
      tab.close();
      return opened(here.atY).engine;
    };
    return { ...here, tab, y: tab.engine, reopen };
  }

  test.each([
    ['before it was posted', () => Promise.resolve()],
    ['after it was posted', (link: RelayLink, posted: Parameters<ChainOrders['post']>[0]) => link.chain.post(posted)],
  ])('is posted again after a crash %s, and until then there is no device', async (_when, post) => {
    let crash: () => void = () => undefined;
    const crashed = new Promise<void>((resolve) => (crash = resolve));
    const { x, reopen } = await aboutToPost(async (link, posted) => {
      await post(link, posted);
      crash();
      return new Promise(() => undefined);
    });
    await crashed;
    const y = reopen();
    await phase(y, 'ready');
    expect(y.getSnapshot()).toMatchObject({ deviceName: 'Second phone', joining: { is: 'done' } });
    const mine = await when(y, ({ account }) => account);
    await when(x, ({ account }) => account?.head.hash === mine.head.hash);
  });

  test('is locked by the passphrase of the other before it is posted, and posted after a crash once that is given', async () => {
    let crash: () => void = () => undefined;
    const crashed = new Promise<void>((resolve) => (crash = resolve));
    const post = (): Promise<void> => {
      crash();
      return new Promise(() => undefined);
    };
    const { atY, reopen } = await aboutToPost(post, { locked: true });
    await crashed;
    const kept = everythingIn(atY.tables);
    expect([kept.handles, shows(kept, 'Second phone')]).toEqual([[], false]);
    const y = reopen();
    await phase(y, 'passphrase');
    expect(await y.passphrase.open(passphrase)).toBe(true);
    await phase(y, 'ready');
    expect(y.getSnapshot()).toMatchObject({ deviceName: 'Second phone', passphrase: { is: 'on' } });
  });

  test('is dropped with the passphrase that it was locked by', async () => {
    const { x, y, atY } = await aboutToPost(() => Promise.reject(new RelayError('conflict')), { locked: true });
    await expectFailed(x, y, 'conflict @ joining', 'conflict @ joining');
    expect(y.getSnapshot().passphrase).toEqual({ is: 'off' });
    expect(everythingIn(atY.tables)).toEqual({ text: '', handles: [] });
    await y.createAccountKey({ deviceName: 'My own', keyName: 'My own' });
    expect(everythingIn(atY.tables).handles).toHaveLength(3);
  });

  test('is not called back by its person while it is posted', async () => {
    const { x, y } = await aboutToPost((link, posted) => {
      y.joining.cancelJoin();
      y.joining.dismissJoin();
      y.joining.join('12 zoo zone zero');
      y.joining.showSecret();
      return link.chain.post(posted);
    });
    await expectJoined(x, y);
  });

  test('is dropped where another link was there first: both say so, and it is begun again', async () => {
    const { x, y, tab } = await aboutToPost(() => Promise.reject(new RelayError('conflict')));
    await expectFailed(x, y, 'conflict @ joining', 'conflict @ joining');
    const rows = tab.store() ?? expect.unreachable();
    expect(await rows.transact('read', ['joining', 'device'], (all) => all.all('joining'))).toEqual([]);
    await y.createAccountKey({ deviceName: 'My own', keyName: 'My own' });
    expect(y.getSnapshot().phase).toEqual({ is: 'ready' });
  });

  test('and is refused for good is dropped, with what the relay says', async () => {
    const { y } = await aboutToPost(() => Promise.reject(new RelayError('bad-chain')));
    expect(await joining(y, 'failed')).toMatchObject({ code: 'bad-chain' });
    expect(y.getSnapshot().phase).toEqual({ is: 'first-run' });
  });

  test('and is not certain forbids an account of its own, until it is given up', async () => {
    const { y } = await aboutToPost(() => Promise.reject(new RangeError('a fault of this device')));
    expect(await joining(y, 'failed')).toMatchObject({ code: 'not-posted', step: 'joining' });
    await expect(y.createAccountKey({ deviceName: 'Mine', keyName: 'Mine' })).rejects.toMatchObject({
      code: 'not-posted',
    });
    y.joining.cancelJoin();
    expect(y.getSnapshot().joining).toEqual({ is: 'none' });
    await y.createAccountKey({ deviceName: 'Mine', keyName: 'Mine' });
    expect(y.getSnapshot().phase).toEqual({ is: 'ready' });
  });

  test('and is given up while the store fails ends the session, since it would be posted again later', async () => {
    const { y, tab } = await aboutToPost(() => Promise.reject(new RangeError('a fault of this device')));
    await joining(y, 'failed');
    const store = tab.store() ?? expect.unreachable();
    store.failWrites = true;
    y.joining.cancelJoin();
    await phase(y, 'broken');
  });

  test('and is on the chain while the store fails after it ends the session, and is there at the next start', async () => {
    let go: () => void = () => undefined;
    const mayGo = new Promise<void>((resolve) => (go = resolve));
    const { y, tab, reopen } = await aboutToPost(async (link, posted) => {
      await mayGo;
      await link.chain.post(posted);
    });
    const store = tab.store() ?? expect.unreachable();
    store.onWritten = (tables) => {
      if (tables.includes('account')) store.failWrites = true;
    };
    go();
    await phase(y, 'broken');
    const again = reopen();
    await phase(again, 'ready');
    expect(again.getSnapshot().deviceName).toBe('Second phone');
  });
});
