/** What a relay can do to a joining, and what it gets by it: each attack ends in its own error, and in nothing else. */
import { encodeLinks, replay, replayPinned, type SignedLink } from '@palmkey/chain';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { type Kex3Secret, OneUse, postJoin, STEP_LIMIT_MS, WAY_LIMIT_MS } from '@palmkey/core/provisioning';
import { FrameType, parseGrant, toHex } from '@palmkey/envelope';
import { describe, expect, onTestFinished, test } from 'vitest';
import { memberLinks } from '../../packages/core/src/testing/fixed-account.ts';
import { fixedDevice } from '../../packages/core/src/testing/fixed-keys.ts';
import { testRelay } from '../../packages/relay/src/testing/test-relay.ts';
import type { Attack } from '../lib/hostile/attack.ts';
import {
  ackAndDrop,
  hold,
  loseAnswer,
  rewriteDone,
  rewriteLinks,
  showChain,
  typeOf,
} from '../lib/hostile/chain-attacks.ts';
import { joiningStage, outcome } from '../lib/hostile/joining-stage.ts';
import {
  delay,
  drop,
  duplicate,
  misleadNumber,
  postedIn,
  reflect,
  reorder,
  swapBody,
} from '../lib/hostile/rendezvous-attacks.ts';

type Stage = Awaited<ReturnType<typeof joiningStage>>;
type Joining = Awaited<ReturnType<Stage['joining']>>;
const primitives = { ...webPrimitives, sha256 };

/** How far X went, and what is on the chain. */
async function expectNothing(here: Stage, { log }: Joining, how: { signed?: boolean } = {}): Promise<void> {
  expect((await here.links()).length).toBe(here.account.links.length);
  expect(log.signed.filter((what) => what === 'account-link')).toHaveLength(how.signed === true ? 1 : 0);
  expect(here.disclosed()).toEqual([]);
}

interface Case {
  readonly name: string;
  readonly ends: readonly [x: string, y: string];
  readonly attack: (here: Stage, one: Joining) => Attack | Promise<Attack>;
  /** X had signed. */
  readonly signed?: boolean;
  /** The other side is told nothing, and waits until its time is over. */
  readonly untold?: boolean;
}

const flip = (bytes: Uint8Array) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1);

const atRendezvous: readonly Case[] = [
  {
    name: 'drops the first message of Y',
    attack: ({ clock }, { y }) => drop({ sender: toHex(y.id), seqno: 1 }, () => clock.skip(WAY_LIMIT_MS)),
    ends: ['timed-out @ meeting', 'timed-out @ meeting'],
  },
  {
    name: 'drops what X signed',
    attack: ({ clock }, { x }) => drop({ sender: toHex(x.id), seqno: 3 }, () => clock.skip(STEP_LIMIT_MS)),
    ends: ['timed-out @ joining', 'timed-out @ asking'],
    signed: true,
    untold: true,
  },
  {
    name: 'gives every message twice',
    attack: () => duplicate,
    ends: [
      expect.stringMatching(/^wrong-packet-seqno @ (meeting|offering)$/) as string,
      'wrong-packet-seqno @ meeting',
    ],
  },
  {
    name: 'reflects messages as who sent them',
    attack: () => reflect('itself'),
    ends: ['unreachable @ offering', 'unreachable @ meeting'],
  },
  {
    name: 'reflects messages as another',
    attack: () => reflect('another'),
    ends: ['packet-mismatch @ offering', 'packet-mismatch @ meeting'],
  },
  {
    name: 'gives an id another body (id-reuse)',
    attack: (_, { x }) => swapBody({ sender: toHex(x.id), seqno: 1 }, flip),
    ends: ['peer-failed @ offering', 'packet-unopenable @ meeting'],
  },
  {
    name: 'makes an end of the stream of a message',
    attack: (_, { y }) => swapBody({ sender: toHex(y.id), seqno: 2 }, () => new Uint8Array(0)),
    ends: ['aborted @ offering', 'peer-failed @ asking'],
  },
];

const withChain: readonly Case[] = [
  {
    name: 'shows Y an old chain (hide-revocation)',
    attack: ({ state, account }, { y }) => showChain(state.account, () => account.links.slice(0, 3), y.id),
    ends: ['peer-failed @ offering', 'wrong-place @ offering'],
  },
  {
    name: 'shows Y another chain that is valid (split-view)',
    attack: async ({ state, account }) => {
      const other = await memberLinks(account.links, account.owner, await fixedDevice('elsewhere'));
      return showChain(state.account, () => [...account.links, ...other]);
    },
    ends: ['peer-failed @ offering', 'wrong-place @ offering'],
  },
  {
    name: 'puts its own agreement key on the chain (swap-dh)',
    attack: async ({ state, account }) => {
      const evil = await fixedDevice('evil');
      const { agreement } = account.owner;
      return rewriteLinks(state.account, (json) =>
        json.replaceAll(toHex(agreement.publicKey), toHex(evil.agreement.publicKey)),
      );
    },
    ends: ['peer-failed @ offering', 'bad-chain @ offering'],
  },
  {
    name: 'gives other previous seeds (swap-dh)',
    attack: () => rewriteDone(FrameType.chainBoxes, flip),
    ends: ['peer-failed @ joining', 'wrong-per-user-key @ joining'],
    signed: true,
  },
  {
    name: 'leads Y to the chain of another account',
    attack: ({ state }) => ({
      answered: (asked, answer) =>
        asked.url.includes(toHex(state.account))
          ? {
              ...answer,
              headers: { ...answer.headers, 'palmkey-head': `5 ${'ab'.repeat(32)}` },
              body: new Uint8Array(0),
            }
          : answer,
    }),
    ends: ['peer-failed @ offering', 'no-chain @ offering'],
  },
];

describe.each([
  ['with the messages of the rendezvous', atRendezvous],
  ['with the chain', withChain],
])('a relay that does %s as it likes', (_what, cases) => {
  test.each(cases.map((each) => [each.name, each] as const))('%s', async (_name, tried) => {
    const { attack, ends, signed = false, untold = false } = tried;
    const here = await joiningStage();
    const one = await here.joining('y');
    const sessions = await one.byWords();
    here.double.use(await attack(here, one));
    const onFailed = () => (untold ? here.clock.skip(WAY_LIMIT_MS) : undefined);
    expect(await one.walk(sessions, onFailed)).toEqual(ends);
    await expectNothing(here, one, { signed });
    expect(one.log.saved).toBeNull();
  });
});

describe('a relay that is only slow or loses things', () => {
  test('keeps messages back, and it goes on when they come', async () => {
    const here = await joiningStage();
    const one = await here.joining('y');
    const sessions = await one.byWords();
    for (const seqno of [1, 2, 3]) {
      here.double.use(delay({ sender: toHex(one.x.id), seqno }, 2));
      here.double.use(delay({ sender: toHex(one.y.id), seqno }, 2));
    }
    expect(await one.walk(sessions)).toEqual(['done', 'done']);
    expect(one.log.asked).toEqual(one.log.shown);
    expect(here.disclosed()).toEqual([]);
  });

  test('takes the links and loses every answer: Y has saved it, and posting it again is well (ack-and-drop)', async () => {
    const here = await joiningStage();
    const one = await here.joining('y');
    const sessions = await one.byWords();
    const off = here.double.use(loseAnswer(FrameType.chainPost, one.y.id, () => here.clock.skip(STEP_LIMIT_MS)));
    expect((await one.walk(sessions))[1]).toBe('not-posted @ joining');
    off[Symbol.dispose]();
    const saved = one.log.saved ?? expect.unreachable();
    expect(await postJoin({ ...one, clock: here.clock }, saved.post)).toBe('done');
    expect((await here.links()).length).toBe(here.account.links.length + 2);
    expect(one.log.drops).toBe(0);
  });

  test('says it took the links and did not: whoever has seen them there refuses the shorter chain (ack-and-drop)', async () => {
    const here = await joiningStage();
    const one = await here.joining('y');
    const sessions = await one.byWords();
    here.double.use(ackAndDrop(FrameType.chainPost, one.y.id));
    expect(await one.walk(sessions)).toEqual(['done', 'done']);
    const pin = one.log.saved?.state.head ?? expect.unreachable();
    const shown = await here.links(here.double.url);
    await expect(replayPinned(primitives, shown, null, pin)).rejects.toMatchObject({ code: 'rolled-back' });
    // X believes no ok: what it fetches has no new device.
    expect((await replay(primitives, shown, null)).find(one.y.id)).toBeUndefined();
    expect(here.disclosed()).toEqual([]);
  });
});

test('of two that race for one place, the one whose post is held back hears conflict (pick-winner)', async () => {
  const here = await joiningStage();
  const [slow, fast] = [await here.joining('slow'), await here.joining('fast')];
  const { attack, held } = hold(FrameType.chainPost, slow.y.id);
  here.double.use(attack);
  const first = slow.walk(await slow.byWords());
  const release = await held;
  const words = 'zoo able about above absent absorb abstract absurd four';
  expect(await fast.walk(await fast.byWords(words))).toEqual(['done', 'done']);
  release();
  expect(await first).toEqual(['conflict @ joining', 'conflict @ joining']);
  expect([slow.log.drops, slow.log.saved]).toEqual([1, null]);
  const state = await replay(primitives, await here.links(), null);
  expect([state.find(fast.y.id)?.id, state.find(slow.y.id)]).toEqual([fast.y.id, undefined]);
});

test('two that were each shown their own end of the chain see the fork as soon as heads cross (split-view)', async () => {
  const here = await joiningStage();
  const [one, other] = [await here.joining('one'), await here.joining('other')];
  const sessions = await one.byWords();
  here.double.use(ackAndDrop(FrameType.chainPost, one.y.id));
  expect(await one.walk(sessions)).toEqual(['done', 'done']);
  const words = 'zoo able about above absent absorb abstract absurd four';
  expect(await other.walk(await other.byWords(words))).toEqual(['done', 'done']);
  const [pinOfOne, real] = [one.log.saved?.state.head ?? expect.unreachable(), await here.links()];
  await expect(replayPinned(primitives, real, null, pinOfOne)).rejects.toMatchObject({ code: 'forked' });
});

describe('by a number and three words', () => {
  const words = (text: string): OneUse<Kex3Secret> => new OneUse({ how: 'words', words: text });
  const right = 'abandon ability able';
  const guess = 'zoo zone zero';

  test('one in the middle who guesses is wrong at both, and both words are burnt (sas-grind)', async () => {
    const here = await joiningStage();
    const one = await here.joining('y');
    const [ofX, ofEvil] = [await here.newRendezvous(), await here.newRendezvous()];
    const number = await here.owner.allocateNameplate(ofX);
    here.double.use(misleadNumber(ofEvil));
    const found = await here.router.claimNameplate(number, new AbortController().signal);
    expect(toHex(found)).toBe(toHex(ofEvil));
    const [secretX, secretY] = [words(right), words(right)];
    const evil = await fixedDevice('evil');
    const ends = await Promise.all([
      outcome(here.kex3('x', one.x.id, secretX, ofX)),
      outcome(here.kex3('y', one.y.id, secretY, found)),
      outcome(here.kex3('y', evil.id, words(guess), ofX)),
      outcome(here.kex3('x', evil.id, words(guess), ofEvil)),
    ]);
    expect(ends).toEqual(Array(4).fill('wrong-secret @ meeting'));
    expect(await outcome(here.kex3('x', one.x.id, secretX, ofX))).toBe('secret-used @ meeting');
    expect(await outcome(here.kex3('y', one.y.id, secretY, ofX))).toBe('secret-used @ meeting');
    await expectNothing(here, one);
  });

  test('messages in the wrong order are each taken in their turn', async () => {
    const here = await joiningStage();
    const one = await here.joining('y');
    const rendezvous = await here.newRendezvous();
    let isReordered = false;
    here.double.use({
      asked: (asked) => {
        const posted = postedIn(asked);
        // Behind the share: 1 for X, 2 for Y.
        if (posted?.seqno === 1 && posted.message[33] === 1 && !isReordered) {
          isReordered = true;
          here.double.use(reorder(posted));
        }
        return asked;
      },
    });
    const [x, y] = await Promise.all([
      here.kex3('x', one.x.id, words(right), rendezvous),
      here.kex3('y', one.y.id, words(right), rendezvous),
    ]);
    expect([isReordered, toHex(x.id)]).toEqual([true, toHex(y.id)]);
  });

  test('a number led astray, with nobody there, comes to nothing (challenge-forward)', async () => {
    const here = await joiningStage();
    const one = await here.joining('y');
    const [ofX, elsewhere] = [await here.newRendezvous(), await here.newRendezvous()];
    const atX = outcome(here.kex3('x', one.x.id, words(right), ofX));
    here.double.use({
      asked: (asked) => {
        if (postedIn(asked) !== null && asked.url.includes(Buffer.from(elsewhere).toString('base64url'))) {
          setImmediate(() => here.clock.skip(WAY_LIMIT_MS));
        }
        return asked;
      },
    });
    expect([await outcome(here.kex3('y', one.y.id, words(right), elsewhere)), await atX]).toEqual([
      'timed-out @ meeting',
      'timed-out @ meeting',
    ]);
    await expectNothing(here, one);
  });

  test('a message of another suite is passed over, whatever it says (suite downgrade)', async () => {
    const here = await joiningStage();
    const one = await here.joining('y');
    const rendezvous = await here.newRendezvous();
    here.double.use({
      asked: (asked) => {
        const posted = postedIn(asked);
        if (posted?.seqno !== 1) return asked;
        const msg = Buffer.from(posted.message.with(0, 2)).toString('base64url');
        const body = { sender: Buffer.from(posted.sender, 'hex').toString('base64url'), seqno: 1, msg };
        return { ...asked, body: Buffer.from(JSON.stringify(body)) };
      },
    });
    const passed: number[] = [];
    const over = (count: number) => {
      if (passed.push(count) === 2) here.clock.skip(WAY_LIMIT_MS);
    };
    const ends = await Promise.all([
      outcome(here.kex3('x', one.x.id, words(right), rendezvous, over)),
      outcome(here.kex3('y', one.y.id, words(right), rendezvous, over)),
    ]);
    expect(ends).toEqual(['timed-out @ meeting', 'timed-out @ meeting']);
    expect(passed).toEqual([1, 1]);
    await expectNothing(here, one);
  });

  test('one who comes first with a guess has that one guess, and Y comes too late (sas-grind)', async () => {
    const here = await joiningStage();
    const one = await here.joining('y');
    const rendezvous = await here.newRendezvous();
    const squatter = await fixedDevice('squatter');
    const ends = await Promise.all([
      outcome(here.kex3('x', one.x.id, words(right), rendezvous)),
      outcome(here.kex3('y', squatter.id, words(guess), rendezvous)),
    ]);
    expect(ends).toEqual(['wrong-secret @ meeting', 'wrong-secret @ meeting']);
    expect(await outcome(here.kex3('y', one.y.id, words(right), rendezvous))).toBe('wrong-secret @ meeting');
    await expectNothing(here, one);
  });
});

describe('what was heard of a joining', () => {
  test('is worth nothing in another (replay-everywhere)', async () => {
    const here = await joiningStage();
    const one = await here.joining('one');
    const heard: { sender: string; seqno: number; message: Uint8Array }[] = [];
    const off = here.double.use({
      asked: (asked) => {
        const posted = postedIn(asked);
        if (posted?.sender === toHex(one.x.id)) heard.push(posted);
        return asked;
      },
    });
    expect(await one.walk(await one.byWords())).toEqual(['done', 'done']);
    off[Symbol.dispose]();
    const length = (await here.links()).length;
    const other = await here.joining('other');
    const sessions = await other.byWords('zoo able about above absent absorb abstract absurd four');
    const old = heard.find(({ seqno }) => seqno === 1) ?? expect.unreachable();
    here.double.use(swapBody(old, () => old.message));
    expect(await other.walk(sessions)).toEqual(['peer-failed @ offering', 'packet-unopenable @ meeting']);
    expect((await here.links()).length).toBe(length);
  });

  test('Y’s own post and grant, sent again by another, add nothing (replay-everywhere)', async () => {
    const here = await joiningStage();
    const one = await here.joining('one');
    const orders: Uint8Array[] = [];
    here.double.use({
      fromDevice: (frame) => {
        if (typeOf(frame) === FrameType.chainPost) orders.push(frame);
        return [frame];
      },
    });
    expect(await one.walk(await one.byWords())).toEqual(['done', 'done']);
    const links = await here.links();
    const seat = await here.double.seatOf(one.y.id);
    for (const order of orders) seat.toRelay(order);
    const thief = await fixedDevice('thief');
    const grant = parseGrant((one.log.saved?.post.newSession ?? expect.unreachable()).slice());
    const late = here.clientOf(thief, grant);
    await late.connected();
    expect(await late.chain.ask()).toBeNull();
    expect((await here.links()).map(({ json }) => toHex(json))).toEqual(links.map(({ json }) => toHex(json)));
  });

  test('a grant that a thief shows first gives it nothing, and lets nobody but a countersigned device post', async () => {
    const here = await joiningStage();
    const grant = parseGrant(webPrimitives.randomBytes(32));
    await here.owner.chain.grant(sha256(grant));
    const thief = await fixedDevice('thief');
    const client = here.clientOf(thief, grant);
    await client.connected();
    expect((await client.chain.boxes()).box).toBeNull();
    await expect(client.chain.records()).rejects.toMatchObject({ code: 'no-chain' });
    const own: readonly SignedLink[] = await memberLinks(here.account.links, thief, thief);
    const post = { prev: here.state.head, links: encodeLinks(own), boxes: [], seeds: [] };
    await expect(client.chain.post(post)).rejects.toMatchObject({ code: 'bad-chain' });
    expect((await here.links()).length).toBe(here.account.links.length);
  });

  test('a device’s answer to one relay opens no other (challenge-forward)', async () => {
    const here = await joiningStage();
    const other = await testRelay({ admission: 'open', origins: ['https://relay.example'] });
    onTestFinished(() => other.close());
    here.double.target = other.port;
    const client = here.clientOf(await fixedDevice('forwarded'));
    await expect(client.connected()).rejects.toThrow();
    expect(client.state).toEqual({ is: 'refused', code: 'wrong-origin' });
    expect(other.connections()).toBe(0);
  });

  test('an answer to an old challenge opens nothing (replay-everywhere)', async () => {
    const here = await joiningStage();
    const device = await fixedDevice('heard');
    let heard: Uint8Array | null = null;
    const off = here.double.use({
      fromDevice: (frame) => {
        if (typeOf(frame) === FrameType.authenticate) heard ??= frame;
        return [frame];
      },
    });
    await here.clientOf(device).connected();
    off[Symbol.dispose]();
    here.double.use({ fromDevice: (frame) => [typeOf(frame) === FrameType.authenticate ? (heard ?? frame) : frame] });
    const thief = here.clientOf(await fixedDevice('thief'));
    await expect(thief.connected()).rejects.toThrow();
    expect(thief.state).toEqual({ is: 'refused', code: 'bad-signature' });
  });
});
