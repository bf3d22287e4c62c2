import { parseLink, type SignedLink } from '@palmkey/chain';
import { equal, toHex } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { fixedBytes, fixedDevice, fixedRandom } from '../testing/fixed-keys.ts';
import { memberLinks, stateOf } from '../testing/fixed-account.ts';
import { outcome, passphraseStream, wayStage } from '../testing/way-stage.ts';
import {
  type ChainSource,
  type ConfirmedSession,
  encodeFrame,
  type JoinPost,
  joinAccount,
  letDeviceIn,
  type MessageRouter,
  postJoin,
  type RpcFrame,
} from './index.ts';
import { STEP_LIMIT_MS, WAY_LIMIT_MS } from './way.ts';

const never = new AbortController().signal;

describe('the way of X and Y', () => {
  it.each(['x', 'y'] as const)('makes Y a member, with the secret shown by %s', async (shownBy) => {
    const stage = await wayStage(3);
    expect(await stage.run({ shownBy })).toEqual(['done', 'done']);
    const { log, chain, account, y } = stage;
    const state = await stateOf(chain.all);
    expect(log.saved?.state.head).toEqual(state.head);
    expect(state.find(y.id)).toMatchObject({ kind: 'member', agreementKey: y.agreement.publicKey });
    expect(log.saved?.perUserKeys.map(({ seed }) => seed)).toEqual(account.perUserKeys.map(({ seed }) => seed));
    expect(log.saved?.passphraseStream).toEqual(passphraseStream);
    expect(log.asked).toEqual([{ name: 'New phone', kind: 'phone', code: log.shown[0] }]);
    expect(log.shown).toEqual([expect.stringMatching(/^\d{6}$/)]);
    expect([log.saves, chain.prepared, chain.posts.length, log.reserved]).toEqual([1, 1, 1, [state.head.seqno - 1]]);
    expect(stage.clock.timers).toBe(0);
  });

  it('shows a code that nobody can know or choose who has heard all that was said before Y has answered', async () => {
    const codes = new Set<string>();
    const answers = new Set<string>();
    for (const randomness of ['one', 'another']) {
      const said: RpcFrame[] = [];
      const { run, log } = await wayStage(2, (frame) => {
        said.push(frame);
        return frame;
      });
      expect(await run({ x: { randomBytes: fixedRandom(randomness) } })).toEqual(['done', 'done']);
      const told = said.findIndex((frame) => frame.is === 'notify' && frame.method === 'palmkey.kex.code');
      const answered = said.findIndex((frame) => frame.is === 'answer');
      expect(told).toBe(answered + 1);
      const { nonce } = (said[told] as { arg: { nonce: Uint8Array } }).arg;
      const before = said.slice(0, told).map((frame) => toHex(encodeFrame(frame)));
      expect(before.join()).not.toContain(toHex(nonce));
      answers.add(before.at(-1) ?? '');
      codes.add(log.shown[0] ?? '');
      expect(log.asked[0]?.code).toBe(log.shown[0]);
    }
    expect([answers.size, codes.size]).toEqual([1, 2]);
  });

  it('needs no previous seed in the first generation, and no passphrase', async () => {
    const { run, log } = await wayStage(1);
    const chain = { previousSeeds: () => Promise.reject(new Error('asked for')) };
    const stage = await wayStage(1);
    expect(await stage.run({ x: { passphraseStream: null }, y: { chain: bound(stage.chain, chain) } })).toEqual([
      'done',
      'done',
    ]);
    expect(stage.log.saved?.passphraseStream).toBeNull();
    expect([await run(), log.saves]).toEqual([['done', 'done'], 1]);
  });

  it('asks Y for another name as long as one is none, or is taken', async () => {
    const { run, log } = await wayStage();
    const names = ['?', 'PHONE', 'old-tablet', 'Other phone'];
    expect(await run({ onName: () => Promise.resolve(names[log.problems.length - 1] ?? '') })).toEqual([
      'done',
      'done',
    ]);
    expect(log.problems).toEqual([null, 'bad-account-name', 'name-taken', 'name-taken']);
    expect(log.asked[0]?.name).toBe('Other phone');
  });

  it('tells both of a conflict, and leaves nothing saved', async () => {
    const stage = await wayStage();
    const { chain, account, log } = stage;
    const raced: ChainSource = bound(chain, {
      post: async (join: JoinPost) => {
        chain.all = [...chain.all, ...(await memberLinks(chain.all, account.owner, await fixedDevice('faster')))];
        return chain.post(join);
      },
    });
    expect(await stage.run({ y: { chain: raced } })).toEqual(['conflict @ joining', 'conflict @ joining']);
    expect([log.saves, log.drops, log.saved]).toEqual([1, 1, null]);
  });

  it('lets exactly one of two in that race for the same seqno', async () => {
    const one = await wayStage();
    const other = await wayStage();
    const late = await fixedDevice('late phone');
    const y = { chain: one.chain, device: late };
    const sessions = { x: other.session(other.x.id), y: other.session(late.id) };
    const ends = await Promise.all([one.run(), other.run({ sessions, y })]);
    expect(ends.map((end) => end[1]).sort()).toEqual(['conflict @ joining', 'done']);
    expect(ends.map((end) => end[0]).sort()).toEqual(['conflict @ joining', 'done']);
    const state = await stateOf(one.chain.all);
    expect([one.y.id, late.id].filter((id) => state.find(id) !== undefined)).toHaveLength(1);
  });

  it('goes on from what was saved when the answer to the post is lost, and posts it no second time', async () => {
    const stage = await wayStage();
    const { chain, log, clock } = stage;
    const lost = bound(chain, {
      post: async (join: JoinPost) => {
        await chain.post(join);
        throw new Error('the answer is lost');
      },
    });
    expect(await stage.run({ y: { chain: lost } })).toEqual(['peer-failed @ joining', 'not-posted @ joining']);
    const saved = log.saved ?? expect.unreachable();
    const length = chain.all.length;
    expect(await postJoin({ chain, clock, store: stage.yDeps.store }, saved.post)).toBe('done');
    expect([chain.all.length, log.drops]).toEqual([length, 0]);
    expect((await stateOf(chain.all)).find(stage.y.id)).toBeDefined();
  });

  it('goes on from what was saved after a crash before the post; where another was faster, drops it', async () => {
    for (const isFirst of [true, false]) {
      const stage = await wayStage();
      const { chain, account, log, clock } = stage;
      const crashed = bound(chain, { post: () => Promise.reject(new Error('the process is gone')) });
      expect((await stage.run({ y: { chain: crashed } }))[1]).toBe('not-posted @ joining');
      const { post } = log.saved ?? expect.unreachable();
      expect(chain.all).toEqual(account.links);
      if (!isFirst) {
        chain.all = [...chain.all, ...(await memberLinks(chain.all, account.owner, await fixedDevice('faster')))];
      }
      const end = await postJoin({ chain, clock, store: stage.yDeps.store }, post);
      expect([end, log.saved === null]).toEqual(isFirst ? ['done', false] : ['conflict', true]);
    }
  });

  it('posts nothing that could not be saved', async () => {
    const stage = await wayStage();
    const store = { ...stage.yDeps.store, save: () => Promise.reject(new Error('the disk is full')) };
    expect(await stage.run({ y: { store } })).toEqual(['peer-failed @ joining', 'not-saved @ joining']);
    expect(stage.chain.posts).toEqual([]);
  });

  it('says at both sides who left and where, when one of them gives up', async () => {
    for (const who of ['x', 'y'] as const) {
      for (const where of ['offering', 'asking', 'joining'] as const) {
        const stage = await wayStage();
        const stop = new AbortController();
        const at = async <T>(step: typeof where, result: T): Promise<T> => {
          if (step !== where) return result;
          stop.abort();
          return new Promise(() => undefined);
        };
        const previousSeeds = async () => at('joining', await stage.chain.previousSeeds());
        const ends = await stage.run({
          onName: () => at('offering', 'New phone'),
          onAsk: () => at('asking', true),
          y: { chain: bound(stage.chain, { previousSeeds }) },
          ...(who === 'x' ? { signalX: stop.signal } : { signalY: stop.signal }),
        });
        const [own, other] = who === 'x' ? ends : [...ends].reverse();
        expect([own, other], `${who} at ${where}`).toEqual([`cancelled @ ${where}`, `peer-left @ ${where}`]);
        expect([stage.chain.posts, stage.log.saves]).toEqual([[], 0]);
      }
    }
  });

  it('says that it leaves before anything else, as there may be time for one packet alone', async () => {
    const sent: string[] = [];
    const stage = await wayStage(2, (frame, from) => {
      sent.push(`${from} ${frame.is}`);
      return frame;
    });
    const stop = new AbortController();
    const onName = () => {
      stop.abort();
      return Promise.resolve('New phone');
    };
    expect((await stage.run({ onName, signalX: stop.signal }))[0]).toBe('cancelled @ offering');
    expect(sent.filter((each) => each.startsWith('x'))).toEqual(['x call']);
  });

  it('waits for no answer of the relay before it says that it leaves', async () => {
    const stage = await wayStage();
    const { router } = stage.xDeps;
    const stop = new AbortController();
    const silent: MessageRouter = {
      get: (...args) => router.get(...args),
      post: async (...args) => {
        await router.post(...args);
        if (args[3].length > 0) await new Promise(() => undefined);
      },
    };
    const onName = () => {
      stop.abort();
      return new Promise<string>(() => undefined);
    };
    const ends = await stage.run({ onName, x: { router: silent }, signalX: stop.signal });
    expect(ends).toEqual(['cancelled @ offering', 'aborted @ offering']);
  });

  it('gives up before anybody came, and does not begin when it was cancelled before', async () => {
    const { xDeps, session, x, y, yDeps } = await wayStage();
    const stop = new AbortController();
    const atX = letDeviceIn(xDeps, session(x.id), 'x', { onAsk: () => Promise.resolve(true) }, stop.signal);
    stop.abort();
    expect(await outcome(atX)).toBe('cancelled @ meeting');
    const hooks = { onName: () => Promise.resolve('New phone'), onCode: () => undefined };
    expect(await outcome(joinAccount(yDeps, session(y.id), 'y', hooks, AbortSignal.abort()))).toBe(
      'cancelled @ meeting',
    );
  });

  it('goes on once it has saved, whoever leaves then', async () => {
    const stage = await wayStage();
    const { chain, log } = stage;
    const [stopX, stopY] = [new AbortController(), new AbortController()];
    const left = bound(chain, {
      post: (join: JoinPost) => {
        stopX.abort();
        stopY.abort();
        return chain.post(join);
      },
    });
    const ends = await stage.run({ y: { chain: left }, signalX: stopX.signal, signalY: stopY.signal });
    expect(ends).toEqual(['cancelled @ joining', 'done']);
    expect((await stateOf(chain.all)).find(stage.y.id)).toBeDefined();
    expect(log.drops).toBe(0);
  });

  it('has ten minutes over all, while a person does nothing', async () => {
    const stage = await wayStage();
    const named = new Promise<void>((resolve) => {
      const ends = stage.run({
        onName: () => {
          resolve();
          return new Promise(() => undefined);
        },
      });
      ends.then((all) => expect(all).toEqual(['timed-out @ offering', 'timed-out @ offering']), expect.unreachable);
    });
    await named;
    stage.clock.advance(WAY_LIMIT_MS);
  });

  it('has thirty seconds for a member that is there and offers nothing, as one whose network is gone', async () => {
    for (const shownBy of ['x', 'y'] as const) {
      const { clock, yDeps, session, y } = await wayStage();
      const hooks = { onName: () => Promise.resolve('New phone'), onCode: () => undefined };
      const end = outcome(joinAccount(yDeps, session(y.id), shownBy, hooks, never));
      await clock.timer(STEP_LIMIT_MS);
      clock.advance(STEP_LIMIT_MS);
      expect(await end).toBe('timed-out @ meeting');
    }
  });

  it('has thirty seconds for a new device that is there and does not begin', async () => {
    const { clock, xDeps, session, x } = await wayStage();
    const end = outcome(letDeviceIn(xDeps, session(x.id), 'x', { onAsk: () => Promise.resolve(true) }, never));
    await clock.timer(STEP_LIMIT_MS);
    clock.advance(STEP_LIMIT_MS);
    expect(await end).toBe('timed-out @ meeting');
  });

  it('has thirty seconds for a relay that takes no grant', async () => {
    const stage = await wayStage();
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const newGrant = () => {
      asked();
      return new Promise<Uint8Array>(() => undefined);
    };
    const ends = stage.run({ x: { newGrant } });
    await isAsked;
    stage.clock.advance(STEP_LIMIT_MS);
    expect((await ends)[0]).toBe('timed-out @ offering');
  });

  it('has thirty seconds for a relay that does not give the chain', async () => {
    const stage = await wayStage();
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const silent = bound(stage.chain, {
      links: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    const ends = stage.run({ y: { chain: silent } });
    await isAsked;
    stage.clock.advance(STEP_LIMIT_MS);
    expect(await ends).toEqual(['peer-failed @ offering', 'timed-out @ offering']);
  });

  it('fetches the chain while X makes its offer, where the suite has named the account', async () => {
    const stage = await wayStage();
    const asked = deferred();
    const chain = bound(stage.chain, {
      links: () => {
        asked.resolve();
        return stage.chain.links();
      },
    });
    const newGrant = () => asked.promise.then(() => fixedBytes('grant'));
    expect(await stage.run({ x: { newGrant }, y: { chain }, sessions: named(stage) })).toEqual(['done', 'done']);
  });

  it.each([
    ['older than the offer', (links: readonly SignedLink[]) => Promise.resolve(links.slice(0, -1))],
    ['none', () => Promise.reject(new Error('not now'))],
  ])('fetches the chain once more where what came early is %s', async (_, early) => {
    const stage = await wayStage();
    const answers = [early];
    const chain = bound(stage.chain, {
      links: async () => (answers.shift() ?? (() => stage.chain.links()))(await stage.chain.links()),
    });
    expect(await stage.run({ y: { chain }, sessions: named(stage) })).toEqual(['done', 'done']);
    expect(answers).toEqual([]);
  });

  it('has begun to connect when the person at X has to answer', async () => {
    const stage = await wayStage();
    const ready = deferred();
    const chain = bound(stage.chain, { prepare: ready.resolve });
    const onAsk = () => ready.promise.then(() => true);
    expect(await stage.run({ y: { chain }, onAsk })).toEqual(['done', 'done']);
  });

  it('throws for a session or keys that are not this device’s own', async () => {
    const { xDeps, yDeps, session, x, y } = await wayStage();
    const hooks = { onName: () => Promise.resolve('New phone'), onCode: () => undefined };
    const asks = { onAsk: () => Promise.resolve(true) };
    await expect(joinAccount(yDeps, session(x.id), 'x', hooks, never)).rejects.toThrow(RangeError);
    await expect(letDeviceIn(xDeps, session(y.id), 'x', asks, never)).rejects.toThrow(RangeError);
    const old = { ...xDeps, perUserKey: { ...xDeps.perUserKey, generation: 1 } };
    await expect(letDeviceIn(old, session(x.id), 'x', asks, never)).rejects.toThrow(RangeError);
  });

  it('posts links that are those which both have seen', async () => {
    const stage = await wayStage();
    await stage.run();
    const [sibkey, subkey] = stage.chain.posts[0]?.links ?? [];
    const parsed = [sibkey, subkey].map((link) => parseLink(link?.json ?? fixedBytes('none')));
    expect(parsed.map((each) => each.is === 'link' && each.link.type)).toEqual(['sibkey', 'subkey']);
    expect(equal(stage.chain.posts[0]?.newSession ?? fixedBytes('none'), fixedBytes('grant'))).toBe(true);
  });
});

/** Sessions of a suite that has told Y the account. */
function named({ session, x, y, state }: Awaited<ReturnType<typeof wayStage>>) {
  const atY: ConfirmedSession = { ...session(y.id), account: state.account };
  return { x: session(x.id), y: atY };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** That chain, with other ways here and there. */
function bound(chain: ChainSource, changes: Partial<ChainSource>): ChainSource {
  return {
    links: (...args) => chain.links(...args),
    prepare: (...args) => chain.prepare(...args),
    previousSeeds: (...args) => chain.previousSeeds(...args),
    post: (...args) => chain.post(...args),
    ...changes,
  };
}
