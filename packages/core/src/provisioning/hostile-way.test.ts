import { consent, encodeLinks, linkJson, parseLink, type SignedLink } from '@palmkey/chain';
import { ascii, equal, parseAccountId, parseDeviceId, parseRendezvousId } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { encodeDeviceFacts, factsHash } from '../account/index.ts';
import { fixedBytes, fixedDevice } from '../testing/fixed-keys.ts';
import { fixedAccount, memberLinks, nextLink, stateOf } from '../testing/fixed-account.ts';
import { type Tamper, type WayChanges, wayStage } from '../testing/way-stage.ts';
import { type RpcFrame, sealPacket } from './index.ts';

type Fields = Readonly<Record<string, unknown>>;
type Stage = Awaited<ReturnType<typeof wayStage>>;

const y = await fixedDevice('new phone');
const stranger = await fixedDevice('stranger');
const fieldsOf = (value: unknown) => value as Fields;
const bytesOf = (value: unknown) => value as Uint8Array;

/** Changes the argument of that method. */
const inCall =
  (method: string, change: (arg: Fields) => Fields | Promise<Fields>): Tamper =>
  async (frame) =>
    frame.is === 'call' && frame.method === method ? { ...frame, arg: await change(fieldsOf(frame.arg)) } : frame;
/** Changes what Y answers first. */
const inAnswer = (change: (result: Fields) => Fields | Promise<Fields>): Tamper => {
  let isFirst = true;
  return async (frame, from) => {
    if (!isFirst || frame.is !== 'answer' || from !== 'y' || frame.failure) return frame;
    isFirst = false;
    return { ...frame, result: await change(fieldsOf(frame.result)) };
  };
};
const inHello = (change: (arg: Fields) => Fields | Promise<Fields>) => inCall('palmkey.kex.hello2', change);
const inCountersigned = (change: (arg: Fields) => Fields | Promise<Fields>) =>
  inCall('palmkey.kex.didCounterSign2', change);
/** Changes the JSON of what Y signed, as text. */
const inSigned = (change: (text: string) => string) =>
  inAnswer((answer) => ({
    ...answer,
    sibkeySigBodySigned: ascii(change(String.fromCharCode(...bytesOf(answer.sibkeySigBodySigned)))),
  }));
/** Y signs again, with something else in it than X has offered. */
const signedAnew = (
  change: (parts: { ctime: number; seqno: number; facts: Uint8Array; id: Uint8Array }) => Fields,
  more: Fields = {},
) =>
  inAnswer(async (answer) => {
    const parsed = parseLink(bytesOf(answer.sibkeySigBodySigned));
    if (parsed.is !== 'link' || parsed.link.type !== 'sibkey') throw new Error('no sibkey');
    const { account, prev, seqno, ctime, signer, body } = parsed.link;
    const { facts, id } = body.device;
    const changed = { ctime, seqno, facts, id, signer, account, prev, signingKey: body.device.signingKey };
    const all = { ...changed, ...change({ ctime, seqno, facts, id }) };
    const device = { facts: all.facts, id: all.id, signingKey: all.signingKey };
    const place = { account: all.account, prev: all.prev, seqno: all.seqno };
    const author = { ctime: all.ctime, signer: all.signer };
    const link = await consent(y.signer, place, author, { type: 'sibkey', device });
    return { ...answer, sibkeySigBodySigned: linkJson(link), ...more };
  });

interface Attack {
  readonly name: string;
  readonly ends: readonly [x: string, y: string];
  readonly tamper?: Tamper;
  readonly changes?: (stage: Stage) => WayChanges | Promise<WayChanges>;
  /** How far X went: whether its person was asked, and whether it signed. */
  readonly asked?: boolean;
  readonly signed?: boolean;
}

const salted = { facts: { kind: 'phone', name: 'Phone' }, salt: fixedBytes('salt') } as const;
const bad = { facts: { kind: 'phone', name: '?' }, salt: fixedBytes('salt') } as const;
const withFacts = (facts: typeof salted | typeof bad) =>
  signedAnew(() => ({ facts: factsHash(facts) }), {
    deviceFacts: encodeDeviceFacts(facts.facts),
    deviceSalt: facts.salt,
  });
const swapsAtX = (name: string, code: string, tamper: Tamper): Attack => ({
  name,
  tamper,
  ends: [`${code} @ asking`, 'peer-left @ asking'],
});

const atX: readonly Attack[] = [
  swapsAtX(
    'another agreement key',
    'wrong-device-id',
    inAnswer((answer) => ({ ...answer, dhPublicKey: stranger.agreement.publicKey })),
  ),
  swapsAtX(
    'another signing key',
    'bad-reverse-signature',
    inSigned((text) => text.replace(hexOf(y.signer.publicKey), hexOf(stranger.signer.publicKey))),
  ),
  swapsAtX(
    'another id, signed',
    'wrong-device-id',
    signedAnew(() => ({ id: stranger.id })),
  ),
  swapsAtX(
    'a consent to another time',
    'bad-reverse-signature',
    signedAnew(({ ctime }) => ({ ctime: ctime + 1 })),
  ),
  swapsAtX(
    'a consent to another place',
    'bad-reverse-signature',
    signedAnew(({ seqno }) => ({ seqno: seqno + 1 })),
  ),
  swapsAtX(
    'a consent to another member',
    'bad-reverse-signature',
    signedAnew(() => ({ signer: stranger.id })),
  ),
  swapsAtX(
    'a field more in the answer',
    'bad-message',
    inAnswer((answer) => ({ ...answer, more: 1 })),
  ),
  swapsAtX(
    'a field more in the link',
    'bad-message',
    inSigned((text) => text.replace('"v":1', '"v":1,"w":1')),
  ),
  swapsAtX(
    'a salt that is another',
    'wrong-facts',
    inAnswer((answer) => ({ ...answer, deviceSalt: fixedBytes('other salt') })),
  ),
  swapsAtX(
    'facts that are others',
    'wrong-facts',
    inAnswer((answer) => ({ ...answer, deviceFacts: encodeDeviceFacts({ kind: 'computer', name: 'New phone' }) })),
  ),
  swapsAtX('a name that is taken', 'name-taken', withFacts(salted)),
  swapsAtX('a name that is none', 'bad-account-name', withFacts(bad)),
  {
    name: 'a person who says no',
    changes: () => ({ onAsk: () => false }),
    ends: ['refused @ asking', 'peer-left @ asking'],
    asked: true,
  },
  {
    name: 'a device that was on the chain before',
    changes: async (stage) => {
      const device = await fixedDevice('home member 2');
      const sessions = { x: stage.session(stage.x.id), y: stage.session(device.id) };
      return { sessions, y: { device } };
    },
    ends: ['reused-key @ asking', 'peer-left @ asking'],
  },
  {
    name: 'a link for which X has signed another',
    changes: () => ({ x: { reserve: () => Promise.reject(new ReservedError()) } }),
    ends: ['reserved', 'peer-left @ asking'],
    asked: true,
  },
];

const offered = (name: string, code: string, attack: Omit<Attack, 'name' | 'ends'>): Attack => ({
  name,
  ...attack,
  ends: ['peer-failed @ offering', `${code} @ offering`],
});
const givesLinks = (links: (stage: Stage) => readonly SignedLink[] | Promise<readonly SignedLink[]>) => ({
  changes: async (stage: Stage): Promise<WayChanges> => {
    const given = await links(stage);
    return { y: { chain: { ...boundTo(stage), links: () => Promise.resolve(given) } } };
  },
});

const atY: readonly Attack[] = [
  offered('an account that its person did not name', 'other-account', {
    changes: () => ({ y: { account: parseAccountId(new Uint8Array(16)) } }),
  }),
  offered('an account that the suite did not name', 'other-account', {
    changes: ({ session, x: owner }) => ({
      sessions: {
        x: session(owner.id),
        y: Object.assign(session(y.id), { account: parseAccountId(new Uint8Array(16)) }),
      },
    }),
  }),
  offered('a skeleton of another account', 'other-account', {
    tamper: inHello((hello) => ({ ...hello, uid: new Uint8Array(16) })),
  }),
  offered(
    'the chain of another account',
    'other-account',
    givesLinks(async () => (await fixedAccount('other', 1)).links),
  ),
  offered(
    'a chain that is old',
    'wrong-place',
    givesLinks(({ account }) => account.links.slice(0, 1)),
  ),
  offered(
    'a chain that has gone on',
    'wrong-place',
    givesLinks(async ({ account }) => [
      ...account.links,
      ...(await memberLinks(account.links, account.owner, stranger)),
    ]),
  ),
  offered(
    'a chain with a link that is made up',
    'bad-chain',
    givesLinks(async ({ account }) => {
      const { agreementKey, signingKey } = { agreementKey: y.agreement.publicKey, signingKey: y.signer.publicKey };
      const puk = { agreementKey, generation: 3, signingKey };
      return [...account.links, await nextLink(account.links, stranger, { type: 'puk', body: { puk } })];
    }),
  ),
  offered('no chain', 'no-chain', {
    changes: (stage) => ({
      y: { chain: { ...boundTo(stage), links: () => Promise.reject(new Error('the relay says no')) } },
    }),
  }),
  offered('a skeleton with another place', 'wrong-place', {
    tamper: inSkeleton((text) => text.replace(/"seqno":\d+/, '"seqno":99')),
  }),
  offered('a skeleton with another link before', 'wrong-place', {
    tamper: inSkeleton((text) => text.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${'0'.repeat(64)}"`)),
  }),
  offered('a skeleton by another device than the one that sends', 'wrong-peer', {
    tamper: inSkeleton((text) => text.replace(/"signer":"[0-9a-f]{32}"/, `"signer":"${hexOf(stranger.id)}"`)),
  }),
  offered('a skeleton that is filled in', 'bad-message', {
    tamper: inSkeleton((text) => text.replace('"reverseSig":null', '"reverseSig":""')),
  }),
  offered('a hello with a field more', 'bad-message', { tamper: inHello((hello) => ({ ...hello, more: 1 })) }),
  offered('names of odd length', 'bad-message', {
    tamper: inHello((hello) => ({ ...hello, deviceNames: new Uint8Array(9) })),
  }),
];

const inCode = (instead: (nonce: unknown) => RpcFrame): Tamper => {
  return (frame) =>
    frame.is === 'notify' && frame.method === 'palmkey.kex.code' ? instead(fieldsOf(frame.arg).nonce) : frame;
};
const code = (arg: Fields): RpcFrame => ({ is: 'notify', method: 'palmkey.kex.code', arg });
/** X's person is still looking. */
const undecided = () => ({ onAsk: () => new Promise<boolean>(() => undefined) });

const atCode: readonly Attack[] = [
  {
    name: 'another share of the code than X was held to',
    tamper: inCode((nonce) => code({ nonce: flipped(nonce, 0) })),
    changes: undecided,
    ends: ['peer-left @ asking', 'wrong-commitment @ asking'],
    asked: true,
  },
  {
    name: 'another commitment than that of the share',
    tamper: inHello((hello) => ({ ...hello, codeCommitment: flipped(hello.codeCommitment, 31) })),
    changes: undecided,
    ends: ['peer-left @ asking', 'wrong-commitment @ asking'],
    asked: true,
  },
  {
    name: 'a share of another length',
    tamper: inCode((nonce) => code({ nonce: bytesOf(nonce).subarray(1) })),
    changes: undecided,
    ends: ['peer-left @ asking', 'bad-message @ asking'],
    asked: true,
  },
  {
    name: 'no share before what X has signed',
    tamper: inCode(() => ({ is: 'call', seqid: 1, method: 'palmkey.kex.didCounterSign2', arg: {} })),
    ends: ['peer-failed @ joining', 'bad-order @ asking'],
    asked: true,
    signed: true,
  },
];

const countersigned = (name: string, code: string, attack: Omit<Attack, 'name' | 'ends'>): Attack => ({
  name,
  ...attack,
  ends: ['peer-failed @ joining', `${code} @ joining`],
  asked: true,
  signed: true,
});
const inBox = (change: (box: Fields) => Fields) =>
  inCountersigned((arg) => ({ ...arg, pukBox: { ...fieldsOf(arg.pukBox), ...change(fieldsOf(arg.pukBox)) } }));
const flipped = (bytes: unknown, at: number) => bytesOf(bytes).with(at, (bytesOf(bytes).at(at) ?? 0) ^ 1);

const afterSigning: readonly Attack[] = [
  countersigned('a link that Y did not sign', 'bad-countersignature', {
    tamper: inCountersigned(async (arg) => {
      const { account, owner } = { account: await fixedAccount('home', 2), owner: await fixedDevice('home owner') };
      const [sibkey] = await memberLinks(account.links, owner, y);
      return { ...arg, sibkeySigBodyCounterSigned: encodeLinks(sibkey ? [sibkey] : []) };
    }),
  }),
  countersigned('a countersignature that does not hold', 'bad-countersignature', {
    tamper: inCountersigned((arg) => ({
      ...arg,
      sibkeySigBodyCounterSigned: flipped(arg.sibkeySigBodyCounterSigned, -20),
    })),
  }),
  countersigned('two links for one', 'bad-message', {
    tamper: inCountersigned((arg) => {
      const link = bytesOf(arg.sibkeySigBodyCounterSigned);
      return { ...arg, sibkeySigBodyCounterSigned: new Uint8Array([...link, ...link.subarray(0, 9)]) };
    }),
  }),
  countersigned('a box of another generation', 'wrong-per-user-key', { tamper: inBox(() => ({ generation: 1 })) }),
  countersigned('a box for another', 'wrong-per-user-key', { tamper: inBox(() => ({ receiver: stranger.id })) }),
  countersigned('a box by no member', 'wrong-per-user-key', { tamper: inBox(() => ({ sender: stranger.id })) }),
  countersigned('a box that does not open', 'wrong-per-user-key', {
    tamper: inBox(({ box }) => ({ box: flipped(box, 50) })),
  }),
  countersigned('a seed that is not the chain’s', 'wrong-per-user-key', {
    changes: async ({ xDeps }) => {
      const other = await fixedAccount('other', 2);
      const { seed } = other.perUserKeys[1] ?? xDeps.perUserKey;
      return { x: { perUserKey: { ...xDeps.perUserKey, seed } } };
    },
  }),
  countersigned('a previous seed that is missing', 'wrong-per-user-key', {
    changes: (stage) => ({ y: { chain: { ...boundTo(stage), previousSeeds: () => Promise.resolve([]) } } }),
  }),
  countersigned('a previous seed of another account', 'wrong-per-user-key', {
    changes: async (stage) => {
      const { previousSeeds } = await fixedAccount('other', 2);
      return { y: { chain: { ...boundTo(stage), previousSeeds: () => Promise.resolve(previousSeeds) } } };
    },
  }),
  countersigned('no previous seeds', 'no-chain', {
    changes: (stage) => ({
      y: { chain: { ...boundTo(stage), previousSeeds: () => Promise.reject(new Error('the relay says no')) } },
    }),
  }),
  countersigned('a passphrase stream that does not open', 'wrong-passphrase-stream', {
    tamper: inCountersigned((arg) => ({ ...arg, ppsEncrypted: flipped(arg.ppsEncrypted, 100) })),
  }),
  countersigned('a passphrase stream of another length', 'bad-message', {
    tamper: inCountersigned((arg) => ({ ...arg, ppsEncrypted: bytesOf(arg.ppsEncrypted).subarray(1) })),
  }),
];

describe.each([
  ['X', atX],
  ['Y, before it signs', atY],
  ['Y, before it shows a code', atCode],
  ['Y, after X has signed', afterSigning],
])('a hostile other side of %s', (_, attacks) => {
  it.each(attacks.map((attack) => [attack.name, attack] as const))('is found out by %s', async (_name, attack) => {
    const stage = await wayStage(2, attack.tamper);
    const { log, chain, account } = stage;
    const changes = (await attack.changes?.(stage)) ?? {};
    const ends = stage.run(changes);
    if (attack.ends[0] === 'reserved') await expect(ends).rejects.toThrow(ReservedError);
    else expect(await ends).toEqual(attack.ends);
    expect(log.asked).toHaveLength(attack.asked ? 1 : 0);
    expect(log.reserved).toHaveLength(attack.signed ? 1 : 0);
    expect([log.saves, chain.posts.length]).toEqual([0, 0]);
    expect(chain.all).toEqual(account.links);
    if (atY.includes(attack)) expect([log.problems, log.shown]).toEqual([[], []]);
    if (atCode.includes(attack)) expect(log.shown).toEqual([]);
  });
});

describe('a method out of its turn', () => {
  /** The other side's program sends a frame of its own after the first of that kind. */
  const turns: readonly [string, string, Tamper, 'x' | 'y', readonly [string, string]][] = [
    [
      'a start that nobody waits for',
      'start',
      (frame) => (frame.is === 'answer' ? { is: 'notify', method: 'palmkey.kex.start', arg: {} } : frame),
      'x',
      ['bad-order @ offering', 'peer-failed @ asking'],
    ],
    [
      'a start where X begins',
      'start',
      (frame) => (frame.is === 'answer' ? { is: 'notify', method: 'palmkey.kex.start', arg: {} } : frame),
      'y',
      ['bad-order @ offering', 'peer-failed @ asking'],
    ],
    [
      'a second hello for the countersigned link',
      'hello',
      (frame) => (isCall(frame, 'didCounterSign2') ? { ...frame, method: 'palmkey.kex.hello2' } : frame),
      'x',
      ['peer-failed @ joining', 'bad-order @ asking'],
    ],
    [
      'a countersigned link for the hello',
      'countersigned',
      (frame) => (isCall(frame, 'hello2') ? { ...frame, method: 'palmkey.kex.didCounterSign2' } : frame),
      'x',
      ['peer-failed @ offering', 'bad-order @ meeting'],
    ],
    [
      'a share of the code before anything else',
      'code',
      (frame) => (isCall(frame, 'hello2') ? code({ nonce: fixedBytes('nonce') }) : frame),
      'x',
      ['peer-failed @ offering', 'bad-order @ meeting'],
    ],
  ];
  it.each(turns)('ends it: %s', async (_name, _method, tamper, shownBy, ends) => {
    const { run, chain, log } = await wayStage(2, tamper);
    expect(await run({ shownBy })).toEqual(ends);
    expect([log.saves, chain.posts.length]).toEqual([0, 0]);
  });
});

describe('letDeviceIn', () => {
  it('ends with wrong-peer when a third device with the secret is in the rendezvous', async () => {
    const stage = await wayStage();
    const third = stage.session(parseDeviceId(new Uint8Array(16).fill(3)));
    const head = { sender: third.self, session: third.id, seqno: 2 };
    const message = sealPacket(third.writeKey, head, fixedBytes('nonce').slice(0, 24), ascii('x'));
    const sender = third.self.slice() as Uint8Array as Parameters<typeof stage.router.post>[1];
    const onName = () => {
      stage.router.put(parseRendezvousId(third.rendezvous.slice()), { sender, seqno: 2, message });
      return new Promise<string>(() => undefined);
    };
    const ends = await stage.run({ onName });
    expect(ends).toEqual(['wrong-peer @ offering', 'wrong-peer @ offering']);
    expect([stage.log.asked, stage.log.saves]).toEqual([[], 0]);
  });

  it.each([
    ['x', ['packet-unopenable @ meeting', 'peer-failed @ meeting']],
    ['y', ['peer-failed @ offering', 'packet-unopenable @ meeting']],
  ] as const)('ends at both at once when what comes to %s was changed on its way', async (who, ends) => {
    const stage = await wayStage();
    const get = stage.router.get.bind(stage.router);
    const self = (who === 'x' ? stage.x : stage.y).id;
    stage.router.get = async (rendezvous, receiver, ...rest) => {
      const there = await get(rendezvous, receiver, ...rest);
      if (!equal(receiver, self)) return there;
      return there.map((each) => ({ ...each, message: flipped(each.message, -1) }));
    };
    expect(await stage.run()).toEqual(ends);
    expect([stage.log.asked, stage.log.saves]).toEqual([[], 0]);
    expect(stage.clock.timers).toBe(0);
  });

  it('does not begin in an account that has all the members it may have', async () => {
    const stage = await wayStage();
    let links = stage.account.links;
    for (let i = 0; i < 31; i++) {
      links = [...links, ...(await memberLinks(links, stage.x, await fixedDevice(`member ${i}`)))];
    }
    const state = await stateOf(links);
    const [atXEnd] = await stage.run({ x: { state }, signalY: AbortSignal.abort() });
    expect(atXEnd).toBe('too-many-devices @ meeting');
  });
});

class ReservedError extends Error {}

function boundTo({ chain }: Stage) {
  return {
    links: () => chain.links(),
    prepare: () => chain.prepare(),
    previousSeeds: () => chain.previousSeeds(),
    post: (...args: Parameters<typeof chain.post>) => chain.post(...args),
  };
}

function inSkeleton(change: (text: string) => string): Tamper {
  return inHello((hello) => ({
    ...hello,
    sibkeySigBody: ascii(change(String.fromCharCode(...bytesOf(hello.sibkeySigBody)))),
  }));
}

function isCall(frame: RpcFrame, method: string): frame is RpcFrame & { is: 'call' } {
  return frame.is === 'call' && frame.method === `palmkey.kex.${method}`;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
