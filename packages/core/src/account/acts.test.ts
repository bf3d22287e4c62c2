import {
  type ChainState,
  decodeLinks,
  isMember,
  parseHostSkeleton,
  parseLink,
  placeAfter,
  replay,
  type SignedLink,
} from '@palmkey/chain';
import {
  chainBoxHead,
  chainSeedGeneration,
  encodeChainPost,
  equal,
  parseChainPost,
  parseSignature,
  toHex,
} from '@palmkey/envelope';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasWhatItNeeds } from '../../../relay/src/chain/chain-step.ts';
import { sha256, webPrimitives } from '../crypto/index.ts';
import { type DeviceKeys, publicDevice } from '../devices/index.ts';
import { fixedDevice } from '../testing/fixed-keys.ts';
import {
  addPaperKey,
  beginAccount,
  type ChainAct,
  chainPost,
  consentToHost,
  enlistHost,
  factsHash,
  factsRecordName,
  importPerUserKeys,
  joinByPhrase,
  leaveAccount,
  newPerUserKey,
  newRecoveryPhrase,
  offerHost,
  openFactsRecord,
  paperKeys,
  parsePerUserBox,
  parsePreviousSeed,
  type PerUserKey,
  perUserKeysOnChain,
  type PreviousSeed,
  replacePaperKey,
  revokeDevices,
  sealFactsRecord,
} from './index.ts';

const primitives = webPrimitives;
const by = (device: DeviceKeys, ctime = 1_800_000_000_000) => ({ primitives, device, ctime });
const failing = (code: string): Error => expect.objectContaining({ code }) as Error;

/** Takes a post as the relay does: its bytes, replayed onto what there was, and boxes and seeds by its own rule. */
async function posted(before: ChainState | null, act: ChainAct): Promise<ChainState> {
  const post = parseChainPost(encodeChainPost(chainPost(act)));
  expect(post.prev?.seqno ?? 0).toBe(before?.head.seqno ?? 0);
  if (post.prev && before) expect(equal(post.prev.hash, before.head.hash)).toBe(true);
  const after = await replay({ ...primitives, sha256 }, decodeLinks(post.links), before);
  expect(after.head).toEqual(act.after.head);
  const boxes = post.boxes.map(chainBoxHead);
  expect(hasWhatItNeeds({ before, after }, boxes, post.seeds.map(chainSeedGeneration))).toBe(true);
  return after;
}

/** Each receiver of the act's boxes opens all generations from its own. */
async function expectOpened(act: ChainAct, devices: readonly DeviceKeys[], earlier: readonly PreviousSeed[] = []) {
  const { boxes, seeds } = chainPost(act);
  const opened = boxes.map(parsePerUserBox).map(async (box) => {
    const device = devices.find(({ id }) => equal(id, box.receiver));
    const all = [...earlier, ...seeds.map(parsePreviousSeed)];
    return importPerUserKeys(primitives, device!, perUserKeysOnChain(act.after), box, all);
  });
  const { generation } = act.after.perUserKey;
  for (const keys of await Promise.all(opened)) expect(keys).toHaveLength(generation);
}

let ada: DeviceKeys;
let bob: DeviceKeys;
let host: DeviceKeys;
let tower: DeviceKeys;
beforeAll(async () => {
  [ada, bob, host, tower] = await Promise.all([
    fixedDevice('ada'),
    fixedDevice('bob'),
    fixedDevice('host'),
    fixedDevice('tower'),
  ]);
});

async function begun() {
  const act = await beginAccount(by(ada), { kind: 'phone', name: 'Ada phone' });
  return { ...act, state: await posted(null, act) };
}

function publicOf({ signer, agreement }: DeviceKeys) {
  return publicDevice(signer.publicKey, agreement.publicKey);
}

async function enlisted(state: ChainState, member: DeviceKeys, computer: DeviceKeys, name: string) {
  const offer = offerHost(by(member), state, publicOf(computer), name, []);
  const asked = { device: computer, sender: member.id, account: offer.account, state };
  const act = await enlistHost(by(member), state, offer, await consentToHost(asked, offer.link));
  return { act, offer, state: await posted(state, act) };
}

/** Recovery words in an account, and their device. */
async function withPaper(state: ChainState, perUserKey: PerUserKey, name = 'Words') {
  const phrase = newRecoveryPhrase(primitives);
  const act = await addPaperKey(by(ada), state, perUserKey, phrase, { name, names: ['Ada phone'] });
  return { act, phrase, paper: await paperKeys(primitives, phrase), state: await posted(state, act) };
}

/** An account of two phones, recovery words and a computer. */
async function whole() {
  const { state: first, perUserKey } = await begun();
  const { state: second, paper, phrase } = await withPaper(first, perUserKey);
  const { state: third } = await enlisted(second, ada, host, 'Tower');
  const act = await joinByPhrase(by(paper), third, perUserKey, bob, { kind: 'browser', name: 'Bob' }, ['Ada phone']);
  return { state: await posted(third, act), perUserKey, paper, phrase, joined: act };
}

describe('beginAccount', () => {
  it('begins a chain of one member, which opens its own box', async () => {
    const act = await begun();
    expect(act.state.members.map(({ id }) => toHex(id))).toEqual([toHex(ada.id)]);
    expect(equal(act.state.members[0]!.facts, factsHash(act.facts))).toBe(true);
    await expectOpened(act, [ada]);
  });

  it('refuses a name that no device of an account may have', async () => {
    const act = beginAccount(by(ada), { kind: 'phone', name: 'my  phone' });
    await expect(act).rejects.toEqual(failing('bad-account-name'));
  });
});

describe('a facts record', () => {
  it('is opened by members alone, for its device alone', async () => {
    const { state, perUserKey, facts } = await begun();
    expect(factsRecordName(ada.id)).toBe(`facts/${toHex(ada.id)}`);
    const sealed = await sealFactsRecord(primitives, state, perUserKey, ada.id, facts);
    expect(await openFactsRecord(primitives, state, [perUserKey], ada.id, sealed)).toEqual(facts);
    const open = (keys: readonly PerUserKey[], id = ada.id, bytes = sealed) =>
      openFactsRecord(primitives, state, keys, id, bytes);
    await expect(open([])).rejects.toEqual(failing('unopenable'));
    await expect(open([perUserKey], bob.id)).rejects.toEqual(failing('wrong-facts'));
    const others = { ...facts, salt: new Uint8Array(32) };
    const lie = await sealFactsRecord(primitives, state, perUserKey, ada.id, others);
    await expect(open([perUserKey], ada.id, lie)).rejects.toEqual(failing('wrong-facts'));
  });
});

describe('enlistHost', () => {
  it('adds a computer that agreed to this very link, without a box', async () => {
    const { state } = await begun();
    const { act, offer, state: after } = await enlisted(state, ada, host, 'Tower');
    expect(after.find(host.id)).toMatchObject({ kind: 'host', added: { by: ada.id } });
    expect(act.boxes).toEqual([]);
    const parsed = parseLink(act.links[0]!.json);
    expect(parsed.is === 'link' && parsed.link.type).toBe('host');
    expect(parseHostSkeleton(offer.link).device.id).toEqual(host.id);
  });

  it('has a computer agree where it knows no chain of the account yet', async () => {
    const { state } = await begun();
    const offer = offerHost(by(ada), state, publicOf(host), 'Tower', []);
    const asked = { device: host, sender: ada.id, account: state.account, state: null };
    await enlistHost(by(ada), state, offer, await consentToHost(asked, offer.link));
  });

  it('refuses a name that is taken, or none', async () => {
    const { state } = await begun();
    const offer = (name: string) => () => offerHost(by(ada), state, publicOf(host), name, ['Ada phone']);
    expect(offer('ada-phone')).toThrow(failing('name-taken'));
    expect(offer('x')).toThrow(failing('bad-account-name'));
  });

  it('refuses a consent that is not to this link, and a chain that has gone on', async () => {
    const { state } = await begun();
    const offer = offerHost(by(ada), state, publicOf(host), 'Tower', []);
    const asked = { device: host, sender: ada.id, account: state.account, state };
    const consent = await consentToHost(asked, offer.link);
    const other = offerHost(by(ada), state, publicOf(host), 'Tower', []);
    await expect(enlistHost(by(ada), state, other, consent)).rejects.toEqual(failing('bad-consent'));
    const nothing = parseSignature(new Uint8Array(64));
    await expect(enlistHost(by(ada), state, offer, nothing)).rejects.toEqual(failing('bad-consent'));
    const { state: gone } = await enlisted(state, ada, tower, 'Other');
    await expect(enlistHost(by(ada), gone, offer, consent)).rejects.toEqual(failing('wrong-place'));
  });

  it('refuses a computer that was on the chain already, by replay', async () => {
    const { state } = await begun();
    const { state: once } = await enlisted(state, ada, host, 'Tower');
    await expect(enlisted(once, ada, host, 'Tower 2')).rejects.toEqual(failing('reused-key'));
  });
});

describe('consentToHost', () => {
  it.each([
    ['bytes that are no such link', 'bad-format', ({ link }: Asked) => ({ link: link.slice(1) })],
    ['a link of another account', 'other-account', ({ eve }: Asked) => ({ account: eve.account })],
    ['another chain', 'other-account', ({ eve }: Asked) => ({ state: eve })],
    ['a link by another than who asks', 'other-signer', () => ({ sender: bob.id })],
    ['a link for other keys', 'other-device', () => ({ device: tower })],
    ['a device that decides nothing there', 'not-a-member', ({ byHost }: Asked) => ({ link: byHost, sender: host.id })],
    ['a link in the middle', 'wrong-place', ({ next }: Asked) => ({ state: next })],
  ])('refuses %s', async (_, code, change) => {
    const { state: first } = await begun();
    const { state } = await enlisted(first, ada, host, 'Tower');
    const { state: next } = await enlisted(state, ada, await fixedDevice('other host'), 'Other');
    const eve = (await beginAccount(by(bob), { kind: 'phone', name: 'Eve' })).after;
    const computer = await fixedDevice('third host');
    const link = offerHost(by(ada), state, publicOf(computer), 'Third', []).link;
    const byHost = offerHost(by(host), state, publicOf(computer), 'Third', []).link;
    const right = { device: computer, sender: ada.id, account: state.account, state, link };
    const { link: asked, ...rest } = { ...right, ...change({ ...right, eve, byHost, next }) };
    await expect(consentToHost(rest, asked)).rejects.toEqual(failing(code));
    await consentToHost(right, right.link);
  });
});

interface Asked {
  readonly link: Uint8Array;
  readonly byHost: Uint8Array;
  readonly eve: ChainState;
  readonly next: ChainState;
}

describe('addPaperKey', () => {
  it('adds the device of the words, with a box that the words open', async () => {
    const { state, perUserKey } = await begun();
    const { act, paper, state: after } = await withPaper(state, perUserKey);
    expect(after.find(paper.id)).toMatchObject({ kind: 'paper' });
    await expectOpened(act, [paper]);
  });

  it('refuses a second one, a taken name, and a per-user key that is not the latest', async () => {
    const { state, perUserKey } = await begun();
    const { state: with1 } = await withPaper(state, perUserKey);
    await expect(withPaper(with1, perUserKey, 'Words 2')).rejects.toEqual(failing('paper-exists'));
    await expect(withPaper(state, perUserKey, 'ADA PHONE')).rejects.toEqual(failing('name-taken'));
    await expect(withPaper(state, await newPerUserKey(primitives, 1))).rejects.toThrow(RangeError);
  });
});

describe('replacePaperKey', () => {
  it('ends the old words, gives everybody else a new key, and adds the new ones, as one', async () => {
    const { state, perUserKey, paper } = await whole();
    const phrase = newRecoveryPhrase(primitives);
    const naming = { name: 'New words', names: ['Ada phone', 'Words', 'Bob'] };
    const act = await replacePaperKey(by(bob), state, perUserKey, phrase, naming);
    const after = await posted(state, act);
    expect(act.links).toHaveLength(3);
    expect(after.standingOf(paper.id)).toBe('revoked');
    expect(after.standingOf(act.paper.id)).toBe('active');
    expect(act.perUserKey.generation).toBe(2);
    await expectOpened(act, [ada, bob, await paperKeys(primitives, phrase)]);
  });

  it('needs old words, and other ones', async () => {
    const { state, perUserKey } = await begun();
    const none = replacePaperKey(by(ada), state, perUserKey, newRecoveryPhrase(primitives), { name: 'New', names: [] });
    await expect(none).rejects.toThrow(RangeError);
    const { state: with1, phrase } = await withPaper(state, perUserKey);
    const same = replacePaperKey(by(ada), with1, perUserKey, phrase, { name: 'New', names: [] });
    await expect(same).rejects.toEqual(failing('reused-key'));
  });
});

describe('revokeDevices', () => {
  it('ends any part of an account, with a new key for exactly those who remain wherever a member goes', async () => {
    const { state, perUserKey, paper } = await whole();
    await fc.assert(
      fc.asyncProperty(fc.subarray([ada, paper, host], { minLength: 1 }), async (ended) => {
        const ids = ended.map(({ id }) => id);
        const act = await revokeDevices(by(bob), state, perUserKey, ids);
        const after = await posted(state, act);
        for (const id of ids) expect(after.standingOf(id)).toBe('revoked');
        const isMembers = ids.some((id) => isMember(state.find(id)!));
        expect(act.perUserKey.generation).toBe(isMembers ? 2 : 1);
        const receivers = act.boxes.map(({ receiver }) => toHex(receiver)).sort();
        expect(receivers).toEqual(isMembers ? after.members.map(({ id }) => toHex(id)).sort() : []);
        await expectOpened(act, [ada, bob, paper]);
      }),
      { numRuns: 10 },
    );
  });

  it('refuses the device itself, one that is not active, the same twice, and more than one post holds', async () => {
    const { state, perUserKey } = await whole();
    const revoke = (...devices: readonly DeviceKeys[]) =>
      revokeDevices(
        by(ada),
        state,
        perUserKey,
        devices.map(({ id }) => id),
      );
    await expect(revoke(ada)).rejects.toEqual(failing('not-allowed'));
    await expect(revoke(tower)).rejects.toEqual(failing('no-such-device'));
    await expect(revoke(host, host)).rejects.toEqual(failing('bad-link'));
    await expect(revoke()).rejects.toEqual(failing('bad-link'));
    const many = await Promise.all(Array.from({ length: 33 }, (_, i) => fixedDevice(`many ${i}`)));
    await expect(revoke(...many)).rejects.toEqual(failing('bad-link'));
  });

  it('is no host’s, and no stranger’s', async () => {
    const { state, perUserKey } = await whole();
    for (const device of [host, tower]) {
      await expect(revokeDevices(by(device), state, perUserKey, [bob.id])).rejects.toThrow(RangeError);
    }
  });
});

describe('leaveAccount', () => {
  it('is a host’s own, and no member’s', async () => {
    const { state } = await whole();
    const act = await leaveAccount(by(host), state);
    expect((await posted(state, act)).standingOf(host.id)).toBe('revoked');
    await expect(leaveAccount(by(ada), state)).rejects.toEqual(failing('not-allowed'));
    await expect(leaveAccount(by(tower), state)).rejects.toEqual(failing('unknown-signer'));
  });
});

describe('joinByPhrase', () => {
  it('adds a new device that the words sign for, with its own box', async () => {
    const { state, joined, paper } = await whole();
    expect(state.find(bob.id)).toMatchObject({ kind: 'member', added: { by: paper.id } });
    await expectOpened(joined, [bob]);
    expect(joined.links.map(({ json }: SignedLink) => parseLink(json)).map((each) => each.is)).toEqual([
      'link',
      'link',
    ]);
    expect(placeAfter(state).seqno).toBe(6);
  });

  it('refuses a taken name, a bad one, and words that were replaced', async () => {
    const { state, perUserKey, paper } = await whole();
    const join = (name: string) =>
      joinByPhrase(by(paper), state, perUserKey, tower, { kind: 'phone', name }, ['Ada phone', 'Bob']);
    await expect(join('bob')).rejects.toEqual(failing('name-taken'));
    await expect(join('..')).rejects.toEqual(failing('bad-account-name'));
    const { after, perUserKey: next } = await revokeDevices(by(ada), state, perUserKey, [paper.id]);
    const late = joinByPhrase(by(paper), after, next, tower, { kind: 'phone', name: 'Late' }, []);
    await expect(late).rejects.toThrow(RangeError);
  });
});
