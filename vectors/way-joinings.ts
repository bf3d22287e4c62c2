/** Whole joinings, and every way in which one can be wrong: what `way.json` has under `joinings`. */
import {
  consent,
  encodeLinks,
  linkJson,
  placeFollowing,
  sibkeySkeleton,
  type SignedLink,
  signLink,
} from '@palmkey/chain';
import {
  encodeDeviceFacts,
  encodePreviousSeed,
  factsHash,
  parsePerUserSeed,
  perUserKeyOf,
  type SaltedFacts,
} from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { encodeFrame } from '@palmkey/core/provisioning';
import { ascii, toHex } from '@palmkey/envelope';
import { parseFactsHash } from '../packages/chain/src/link.ts';
import { joiningCode } from '../packages/core/src/provisioning/joining-code.ts';
import { fixedAccount, memberLinks, nextLink } from '../packages/core/src/testing/fixed-account.ts';
import { fixedBytes, fixedDevice } from '../packages/core/src/testing/fixed-keys.ts';
import {
  account,
  answer,
  author,
  countersigned,
  frames,
  hello,
  last,
  link,
  names,
  nonce,
  place,
  primitives,
  pukBox,
  salted,
  sealed,
  session,
  stranger,
  stream,
  x,
  y,
} from './way-kit.ts';

/** What Y and X sign and send for other facts, another device or another link. */
const answered = async (by: DeviceKeys, facts: SaltedFacts, changed: Partial<typeof author> = {}) => {
  const named = { facts: parseFactsHash(factsHash(facts)), id: by.id, signingKey: by.signer.publicKey };
  const agreed = await consent(by.signer, place, { ...author, ...changed }, { type: 'sibkey', device: named });
  return {
    deviceFacts: encodeDeviceFacts(facts.facts),
    deviceSalt: facts.salt,
    dhPublicKey: by.agreement.publicKey,
    sibkeySigBodySigned: linkJson(agreed),
  };
};
const inSkeleton = (from: RegExp | string, to: string) => {
  const text = new TextDecoder().decode(hello.sibkeySigBody);
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`nothing changed: ${String(from)}`);
  return { ...hello, sibkeySigBody: ascii(changed) };
};
const flipped = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes.at(at) ?? 0) ^ 1);
const inBox = (change: Partial<typeof pukBox>) => ({ ...countersigned, pukBox: { ...pukBox, ...change } });
const former = await fixedDevice('home member 2');
const other = await fixedAccount('other', 1);

/** After X was revoked by another member, the end of the chain, which a skeleton of X then names. */
const tablet = await fixedDevice('tablet');
const revokedX = [...account.links, ...(await memberLinks(account.links, x, tablet))];
revokedX.push(await nextLink(revokedX, tablet, { type: 'revoke', body: { devices: [x.id] } }));
const nextKey = await perUserKeyOf(primitives, parsePerUserSeed(fixedBytes('home seed 3')), 3);
const { agreementKey, generation, signingKey } = nextKey;
revokedX.push(
  await nextLink(revokedX, tablet, { type: 'puk', body: { puk: { agreementKey, generation, signingKey } } }),
);
const afterX = placeFollowing(sha256, revokedX.at(-1) ?? last);
const forged = await nextLink(account.links, stranger, { type: 'revoke', body: { devices: [x.id] } });

/** One that fails: what is other than in the first one that does not, up to the message that is refused. */
type Failing = readonly [
  name: string,
  code: string,
  messages: {
    readonly hello?: unknown;
    readonly answer?: unknown;
    readonly share?: unknown;
    readonly countersigned?: unknown;
    readonly before?: readonly SignedLink[];
    readonly receiver?: Uint8Array;
  },
];
const failing: readonly Failing[] = [
  ['an offer with a key more', 'bad-message', { hello: { ...hello, more: 1 } }],
  ['a skeleton that is filled in', 'bad-message', { hello: inSkeleton('"reverseSig":null', '"reverseSig":""') }],
  ['a skeleton of another type', 'bad-message', { hello: inSkeleton('"sibkey"', '"host"') }],
  ['a skeleton with a space', 'bad-message', { hello: inSkeleton('"v":', '"v": ') }],
  ['another signer', 'wrong-peer', { hello: inSkeleton(toHex(x.id), toHex(stranger.id)) }],
  ['another account beside the skeleton', 'other-account', { hello: { ...hello, uid: new Uint8Array(16) } }],
  ['the chain of another account', 'other-account', { hello, before: other.links }],
  ['a chain with a link of nobody', 'bad-chain', { hello, before: [...account.links, forged] }],
  ['a chain that is old', 'wrong-place', { hello, before: account.links.slice(0, 1) }],
  ['a chain that has gone on', 'wrong-place', { hello, before: revokedX }],
  ['another seqno', 'wrong-place', { hello: inSkeleton(/"seqno":\d+/, '"seqno":99') }],
  ['another link before', 'wrong-place', { hello: inSkeleton(/"prev":"\w+"/, `"prev":"${'0'.repeat(64)}"`) }],
  [
    'X that was revoked',
    'not-a-member',
    { hello: { ...hello, sibkeySigBody: sibkeySkeleton(afterX, author) }, before: revokedX },
  ],
  ['an answer with a key more', 'bad-message', { answer: { ...answer, more: 1 } }],
  ['an answer without a link', 'bad-message', { answer: { ...answer, sibkeySigBodySigned: ascii('{}') } }],
  [
    'consent to another time',
    'bad-reverse-signature',
    { answer: await answered(y, salted, { ctime: author.ctime + 1 }) },
  ],
  [
    'consent to another signer',
    'bad-reverse-signature',
    { answer: await answered(y, salted, { signer: stranger.id }) },
  ],
  ['another agreement key', 'wrong-device-id', { answer: { ...answer, dhPublicKey: stranger.agreement.publicKey } }],
  ['another device than the one that sends', 'wrong-device-id', { answer: await answered(stranger, salted) }],
  ['a device that was on the chain', 'reused-key', { answer: await answered(former, salted), receiver: former.id }],
  ['another salt', 'wrong-facts', { answer: { ...answer, deviceSalt: fixedBytes('salt') } }],
  [
    'other facts',
    'wrong-facts',
    { answer: { ...answer, deviceFacts: encodeDeviceFacts({ ...salted.facts, kind: 'tablet' }) } },
  ],
  [
    'a paper key',
    'wrong-facts',
    { answer: await answered(y, { ...salted, facts: { kind: 'paper', name: 'New phone' } }) },
  ],
  [
    'a name of two characters',
    'bad-account-name',
    { answer: await answered(y, { ...salted, facts: { kind: 'phone', name: 'ab' } }) },
  ],
  [
    'a name that is taken in other letters',
    'name-taken',
    { answer: await answered(y, { ...salted, facts: { kind: 'phone', name: 'old.TABLET' } }) },
  ],
  ['a share of the code with a key more', 'bad-message', { share: { nonce, more: 1 } }],
  ['another share of the code', 'wrong-commitment', { share: { nonce: flipped(nonce, 0) } }],
  [
    'another link than the one that Y signed',
    'bad-countersignature',
    {
      countersigned: {
        ...countersigned,
        sibkeySigBodyCounterSigned: encodeLinks((await memberLinks(account.links, x, y)).slice(0, 1)),
      },
    },
  ],
  [
    'a signature that does not hold',
    'bad-countersignature',
    {
      countersigned: {
        ...countersigned,
        sibkeySigBodyCounterSigned: flipped(countersigned.sibkeySigBodyCounterSigned, -20),
      },
    },
  ],
  [
    'no link',
    'bad-countersignature',
    { countersigned: { ...countersigned, sibkeySigBodyCounterSigned: new Uint8Array(0) } },
  ],
  [
    'a link that is cut',
    'bad-message',
    {
      countersigned: {
        ...countersigned,
        sibkeySigBodyCounterSigned: countersigned.sibkeySigBodyCounterSigned.slice(0, -1),
      },
    },
  ],
  ['a box of another generation', 'wrong-per-user-key', { countersigned: inBox({ generation: 1 }) }],
  ['a box for another', 'wrong-per-user-key', { countersigned: inBox({ receiver: stranger.id }) }],
  ['a box by no member', 'wrong-per-user-key', { countersigned: inBox({ sender: stranger.id }) }],
  ['a box that does not open', 'wrong-per-user-key', { countersigned: inBox({ box: flipped(pukBox.box, 50) }) }],
  [
    'a passphrase stream that does not open',
    'wrong-passphrase-stream',
    { countersigned: { ...countersigned, ppsEncrypted: flipped(sealed, 100) } },
  ],
];
const failingNames = failing.map(([name]) => name);
if (new Set(failingNames).size !== failingNames.length) throw new Error('two joinings of one name');

const sibkey = await signLink(x.signer, link);
const subkey = await nextLink([sibkey], y, {
  type: 'subkey',
  body: { device: { agreementKey: y.agreement.publicKey, id: y.id } },
});
const taken = { id: y.id, facts: salted.facts, code: joiningCode(session, nonce, answer) };
const framesOf = (given: { hello?: unknown; answer?: unknown; share?: unknown; countersigned?: unknown }) => ({
  hello: encodeFrame(frames.hello(given.hello ?? hello)),
  ...(given.hello === undefined && { answer: encodeFrame(frames.helloAnswer(given.answer ?? answer)) }),
  ...(given.hello === undefined &&
    given.answer === undefined && { share: encodeFrame(frames.code(given.share ?? { nonce })) }),
  ...(given.hello === undefined &&
    given.answer === undefined &&
    given.share === undefined && {
      countersigned: encodeFrame(frames.countersigned(given.countersigned ?? countersigned)),
    }),
});
/** Joinings that end well, and one for each way in which what X or Y sends is refused. */
export const joinings = {
  x: x.id,
  y: y.id,
  agreementPrivate: fixedBytes('new phone agreement'),
  names,
  before: encodeLinks(account.links),
  previous: account.previousSeeds.map(encodePreviousSeed),
  valid: [
    { name: 'with a passphrase', ...framesOf({}), ...taken, stream },
    {
      name: 'without one',
      ...framesOf({ countersigned: { ...countersigned, ppsEncrypted: null } }),
      ...taken,
      stream: null,
    },
  ].map((each) => ({
    ...each,
    newSession: hello.newSession,
    seeds: account.perUserKeys.map(({ seed }) => seed),
    after: encodeLinks([...account.links, sibkey, subkey]),
  })),
  invalid: failing.map(([name, code, { before, receiver, ...given }]) => ({
    name,
    code,
    ...framesOf(given),
    ...(before && { before: encodeLinks(before) }),
    ...(receiver && { y: receiver }),
  })),
};
