/** Vectors for what X and Y say to each other (spec/provisioning.md, "RPC" and "The way"): `way.json`. */
import { encodeFrame } from '@palmkey/core/provisioning';
import { codeCommitment, joiningCode } from '../packages/core/src/provisioning/joining-code.ts';
import { sealPassphraseStream } from '../packages/core/src/provisioning/passphrase-box.ts';
import { fixedBytes } from '../packages/core/src/testing/fixed-keys.ts';
import { writePage } from './page.ts';
import { joinings } from './way-joinings.ts';
import {
  answer,
  countersigned,
  frames,
  hello,
  names,
  nonce,
  type Place,
  primitives,
  pukBox,
  sealed,
  session,
  stranger,
  stream,
  y,
} from './way-kit.ts';

const without = (value: object, key: string) => Object.fromEntries(Object.entries(value).filter(([k]) => k !== key));
const cut = (bytes: Uint8Array) => bytes.subarray(1);
const longer = (bytes: Uint8Array, length: number) => {
  const more = new Uint8Array(length);
  more.set(bytes.subarray(0, length));
  return more;
};

const valid: readonly (readonly [name: string, place: Place, value: unknown])[] = [
  ['the start', 'start', {}],
  ['a failure', 'failed', { code: 'packet-unopenable' }],
  ['the longest code of a failure', 'failed', { code: 'a'.repeat(64) }],
  ['the offer', 'hello', hello],
  ['the offer of an account without names', 'hello', { ...hello, deviceNames: new Uint8Array(0) }],
  ['the answer to it', 'helloAnswer', answer],
  ["X's share of the code", 'code', { nonce }],
  ['what X gives after its yes', 'countersigned', countersigned],
  ['the same without a passphrase', 'countersigned', { ...countersigned, ppsEncrypted: null }],
  ['the word that Y is on the chain', 'joined', { ok: true }],
];

/** Each key left out, one more, and each value as something else. */
function broken(place: Place, whole: object): (readonly [string, Place, unknown])[] {
  return [
    ...Object.keys(whole).map((key) => [`${place} without ${key}`, place, without(whole, key)] as const),
    ...Object.keys(whole).map(
      (key) => [`${place} with ${key} that is a number`, place, { ...whole, [key]: 1 }] as const,
    ),
    [`${place} with a key more`, place, { ...whole, more: 1 }],
    [`${place} that is nil`, place, null],
    [`${place} that is a list`, place, [whole]],
  ];
}
const invalid: readonly (readonly [string, Place, unknown])[] = [
  ...broken('start', {}),
  ...broken('failed', { code: 'refused' }),
  ['failed with a code in capitals', 'failed', { code: 'Refused' }],
  ['failed with a code of 65 letters', 'failed', { code: 'a'.repeat(65) }],
  ['failed without letters', 'failed', { code: '' }],
  ...broken('hello', hello),
  ['hello with a commitment of 31 bytes', 'hello', { ...hello, codeCommitment: cut(hello.codeCommitment) }],
  ['hello with half a name', 'hello', { ...hello, deviceNames: cut(hello.deviceNames) }],
  ['hello with 10,001 names', 'hello', { ...hello, deviceNames: new Uint8Array(80_008) }],
  ['hello with a grant of 31 bytes', 'hello', { ...hello, newSession: cut(hello.newSession) }],
  ['hello with a skeleton of 4,097 bytes', 'hello', { ...hello, sibkeySigBody: new Uint8Array(4097) }],
  ['hello with an account of 15 bytes', 'hello', { ...hello, uid: cut(hello.uid) }],
  ['hello with an account in text', 'hello', { ...hello, uid: 'x'.repeat(16) }],
  ...broken('helloAnswer', answer),
  ['helloAnswer with facts of 513 bytes', 'helloAnswer', { ...answer, deviceFacts: new Uint8Array(513) }],
  ['helloAnswer with a salt of 31 bytes', 'helloAnswer', { ...answer, deviceSalt: cut(answer.deviceSalt) }],
  ['helloAnswer with a key of 31 bytes', 'helloAnswer', { ...answer, dhPublicKey: cut(answer.dhPublicKey) }],
  ['helloAnswer with a key of small order', 'helloAnswer', { ...answer, dhPublicKey: new Uint8Array(32) }],
  ['helloAnswer with a link of 4,097 bytes', 'helloAnswer', { ...answer, sibkeySigBodySigned: new Uint8Array(4097) }],
  ...broken('code', { nonce }),
  ['code with a nonce of 31 bytes', 'code', { nonce: cut(nonce) }],
  ...broken('countersigned', countersigned),
  ...broken('countersigned', pukBox)
    .map(([name, where, puk]) => [`${name}, in its box`, where, { ...countersigned, pukBox: puk }] as const)
    .filter(([name]) => !name.includes('generation that is a number')),
  [
    'countersigned with a stream that is a byte too short',
    'countersigned',
    { ...countersigned, ppsEncrypted: cut(sealed) },
  ],
  ['countersigned with generation 0', 'countersigned', { ...countersigned, pukBox: { ...pukBox, generation: 0 } }],
  [
    'countersigned with a generation of 33 bits',
    'countersigned',
    { ...countersigned, pukBox: { ...pukBox, generation: 2 ** 32 } },
  ],
  [
    'countersigned with a box of 71 bytes',
    'countersigned',
    { ...countersigned, pukBox: { ...pukBox, box: cut(pukBox.box) } },
  ],
  [
    'countersigned with a link of 4,163 bytes',
    'countersigned',
    { ...countersigned, sibkeySigBodyCounterSigned: longer(countersigned.sibkeySigBodyCounterSigned, 4163) },
  ],
  ...broken('joined', { ok: true }),
  ['joined that is not', 'joined', { ok: false }],
];
const messageNames = invalid.map(([name]) => name);
if (new Set(messageNames).size !== messageNames.length) throw new Error('two messages of one name');

writePage('way', {
  session,
  takenNames: {
    names,
    hashes: hello.deviceNames,
    taken: ['PHONE', 'old-tablet', 'Old.Tablet'],
    free: ['Phone 2', 'Oldest tablet'],
  },
  codes: [
    { dhPublicKey: y.agreement.publicKey, share: nonce },
    { dhPublicKey: stranger.agreement.publicKey, share: nonce },
    { dhPublicKey: y.agreement.publicKey, share: fixedBytes('another share') },
  ].map(({ dhPublicKey, share }) => ({
    signed: answer.sibkeySigBodySigned,
    dhPublicKey,
    nonce: share,
    commitment: codeCommitment(session, share),
    code: joiningCode(session, share, { ...answer, dhPublicKey }),
  })),
  passphraseStream: {
    agreementPrivate: fixedBytes('new phone agreement'),
    stream,
    sealed,
    invalid: [
      { name: 'a changed ephemeral key', sealed: sealed.with(0, (sealed[0] ?? 0) ^ 1) },
      { name: 'a changed nonce', sealed: sealed.with(40, (sealed[40] ?? 0) ^ 1) },
      { name: 'a changed stream', sealed: sealed.with(sealed.length - 1, (sealed.at(-1) ?? 0) ^ 1) },
      { name: 'an ephemeral key of small order', sealed: sealed.slice().fill(0, 0, 32) },
      { name: 'a byte too few', sealed: cut(sealed) },
      { name: 'a byte too many', sealed: longer(sealed, sealed.length + 1) },
      {
        name: 'a box for another',
        sealed: await sealPassphraseStream(primitives, stranger.agreement.publicKey, stream),
      },
    ],
  },
  messages: valid.map(([name, place, value]) => ({ name, place, value, frame: encodeFrame(frames[place](value)) })),
  invalidMessages: invalid.map(([name, place, value]) => ({ name, place, frame: encodeFrame(frames[place](value)) })),
  joinings,
});
