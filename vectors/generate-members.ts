/** Vectors for what members of an account keep (spec/account.md): `members.json`. */
import { parseLinkHash } from '@palmkey/chain';
import { encodeCanonical } from '@palmkey/core/crypto';
import { concat, parseAccountId, signedBytes, toHex } from '@palmkey/envelope';
import {
  encodeDeviceFacts,
  encodeHistoryChunk,
  encodePassphraseStream,
  encodePerUserBox,
  encodePreviousSeed,
  encodeSharedEndings,
  encodeSharedPermissions,
  factsHash,
  keyFileKey,
  lockKeyFile,
  type MemberRecord,
  memberRecordName,
  paperKeys,
  parsePerUserSeed,
  type PerUserKey,
  parseRecoveryPhrase,
  perUserKeyOf,
  sealAccountData,
  sealMemberRecord,
  sealPerUserBox,
  sealPreviousSeed,
  stretchPassphrase,
  signMove,
} from '../packages/core/src/account/index.ts';
import type { DeviceKeys, PublicDevice } from '../packages/core/src/devices/index.ts';
import { fixedBytes, fixedDevice, fixedPrimitives } from '../packages/core/src/testing/fixed-keys.ts';
import { nodeScrypt } from '../packages/host/src/keys/node-scrypt.ts';
import { writePage } from './page.ts';

const primitives = fixedPrimitives('members');
const sender = await fixedDevice('phone');
const receiver = await fixedDevice('tablet');
const stranger = await fixedDevice('stranger');
const publicOf = ({ id, signer, agreement }: DeviceKeys): PublicDevice => ({
  id,
  signingKey: signer.publicKey,
  agreementKey: agreement.publicKey,
});

const key = (generation: number): Promise<PerUserKey> =>
  perUserKeyOf(primitives, parsePerUserSeed(fixedBytes(`seed ${generation}`)), generation);
const [first, second, third] = [await key(1), await key(2), await key(3)];
const box = encodePerUserBox(await sealPerUserBox(primitives, sender, publicOf(receiver), third));
const previous = [
  encodePreviousSeed(sealPreviousSeed(primitives, second, first)),
  encodePreviousSeed(sealPreviousSeed(primitives, third, second)),
];
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const withGeneration = (bytes: Uint8Array, generation: number): Uint8Array =>
  concat(Uint8Array.of(0, 0, 0, generation), bytes.subarray(4));
const boxed = async (from: DeviceKeys, to: DeviceKeys, of: PerUserKey): Promise<Uint8Array> =>
  encodePerUserBox(await sealPerUserBox(primitives, from, publicOf(to), of));
const otherThird = await perUserKeyOf(primitives, parsePerUserSeed(fixedBytes('another seed')), 3);
const otherFirst = await perUserKeyOf(primitives, parsePerUserSeed(fixedBytes('another first')), 1);

const account = parseAccountId(fixedBytes('account').slice(0, 16));
const sealedRecord = (by: DeviceKeys, name: string, record: MemberRecord): Promise<Uint8Array> =>
  sealMemberRecord(fixedPrimitives(`record ${name}`), { account }, second, by, name, record);
const ownName = memberRecordName({ kind: 'permissions', device: sender.id, n: 0 });
const permissionId = toHex(fixedBytes('permission').slice(0, 16));
const computerId = toHex(fixedBytes('computer').slice(0, 16));
const times = { createdAt: 1_800_000_000_000, endsAt: 1_800_003_600_000 };
const serverScope = { is: 'server', name: 'prod.example.org', port: 22, user: 'ada', through: null } as const;
const given = { id: permissionId, computer: computerId, scope: serverScope, keyName: 'Work', ...times };
const ownRecord: MemberRecord = { counter: 7, body: encodeSharedPermissions([given]) };
const memberBodies = [
  ['permissions', encodeSharedPermissions([given, { ...given, scope: { is: 'computer' }, keyName: null }])],
  ['endings', encodeSharedEndings([{ id: permissionId, endsAt: times.endsAt }])],
  [
    'history',
    encodeHistoryChunk({
      turn: 1,
      lines: [
        {
          hash: toHex(fixedBytes('request')),
          host: computerId,
          at: times.createdAt,
          kind: 'login',
          outcome: 'approved',
          by: 'permission',
          confirmed: true,
          signed: true,
          computer: 'laptop',
          user: 'ada',
          server: 'prod.example.org',
          hostKey: toHex(fixedBytes('host key')),
          keyName: 'Work',
          subject: null,
          repository: null,
        },
      ],
    }),
  ],
] as const;
const salt = fixedBytes('salt');
const facts = { kind: 'phone', name: "Anna's Pixel 9" } as const;
const phrases = [
  'legal winner thank year wave sausage worth useful legal winner thank yellow',
  'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about',
];

const locking = fixedPrimitives('passphrases');
const passphrases = [
  { passphrase: 'correct horse battery staple', generation: 1 },
  { passphrase: 'Stra\u00dfe \u00fcber A\u030angstr\u00f6m', generation: 2 },
  { passphrase: '\u624b\u673a \u{1f511} \u9470\u5319', generation: 0xffff_ffff },
];
const streams = await Promise.all(
  passphrases.map(({ passphrase, generation }) => {
    const salted = fixedBytes(`passphrase salt ${generation}`).slice(0, 16);
    return stretchPassphrase(nodeScrypt, passphrase, generation, salted);
  }),
);
// One after the other, whichever was stretched first: the nonces are drawn in this order.
const stretched = passphrases.map(({ passphrase }, i) => {
  const stream = streams[i];
  if (stream === undefined) throw new Error('a passphrase without a stream');
  const contents = concat(fixedBytes('phone signing'), fixedBytes('phone agreement'));
  return { passphrase, stream, contents, locked: lockKeyFile(locking, stream, contents) };
});
const [{ locked }, { locked: secondLocked }] = stretched as [(typeof stretched)[0], (typeof stretched)[0]];
const otherLock = (name: string, code: string, changed: Uint8Array) => ({ name, code, locked: changed });
const move = {
  account,
  relay: 'https://relay.example.org',
  n: 3,
  head: { seqno: 12, hash: parseLinkHash(fixedBytes('head')) },
};
const { hash, seqno } = move.head;
const moveMap = { account, by: sender.id, head: { hash, seqno }, n: 3, relay: move.relay, v: 1 };
const signedMove = async (map: Readonly<Record<string, unknown>>): Promise<Uint8Array> => {
  const bytes = encodeCanonical(map);
  return concat(bytes, await sender.signer.sign(signedBytes('account-move', bytes)));
};
const invalidMoves: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['another version', { ...moveMap, v: 2 }],
  ['a key too many', { ...moveMap, why: 'new' }],
  ['number 0', { ...moveMap, n: 0 }],
  ['a head of seqno 0', { ...moveMap, head: { hash, seqno: 0 } }],
  ['a hash of 31 bytes', { ...moveMap, head: { hash: hash.slice(1), seqno } }],
  ['an account id of 15 bytes', { ...moveMap, account: account.slice(1) }],
  ['an origin that others can read', { ...moveMap, relay: 'http://relay.example.org' }],
  ['an address with a path', { ...moveMap, relay: 'https://relay.example.org/' }],
  ['an origin with a capital', { ...moveMap, relay: 'https://Relay.example.org' }],
  ['another scheme', { ...moveMap, relay: 'wss://relay.example.org' }],
  ['a name that only looks like loopback', { ...moveMap, relay: 'http://localhost.example.org' }],
];

writePage('members', {
  generations: [first, second, third],
  devices: {
    sender: { agreementPrivate: fixedBytes('phone agreement'), ...publicOf(sender) },
    receiver: { agreementPrivate: fixedBytes('tablet agreement'), ...publicOf(receiver) },
  },
  box,
  previous,
  invalidImports: [
    { name: 'an older generation', code: 'wrong-generation', box: await boxed(sender, receiver, second), previous },
    {
      name: 'a generation that the chain does not have',
      code: 'wrong-generation',
      box: withGeneration(box, 4),
      previous,
    },
    { name: 'a box for somebody else', code: 'wrong-receiver', box: await boxed(sender, sender, third), previous },
    {
      name: 'a box by a device that was never a member',
      code: 'wrong-sender',
      box: await boxed(stranger, receiver, third),
      previous,
    },
    { name: 'a changed tag', code: 'unopenable', box: flipped(box, 4 + 32 + 24), previous },
    { name: 'a changed seed', code: 'unopenable', box: flipped(box, box.length - 1), previous },
    {
      name: 'a seed that is not the chain\u2019s',
      code: 'wrong-key',
      box: await boxed(sender, receiver, otherThird),
      previous,
    },
    { name: 'no previous seeds', code: 'missing-seed', box, previous: [] },
    { name: 'a previous seed of another generation', code: 'missing-seed', box, previous: previous.slice(0, 1) },
    { name: 'a changed previous seed', code: 'unopenable', box, previous: previous.map((each) => flipped(each, 30)) },
    {
      name: 'a previous seed that is not the chain\u2019s',
      code: 'wrong-key',
      box,
      previous: [encodePreviousSeed(sealPreviousSeed(primitives, second, otherFirst)), previous[1]],
    },
    { name: 'a box that is too short', code: 'bad-format', box: box.subarray(1), previous },
    { name: 'a box of generation 0', code: 'bad-format', box: withGeneration(box, 0), previous },
  ],
  data: {
    account,
    generation: 2,
    record: 'facts/00112233445566778899aabbccddeeff',
    plaintext: fixedBytes('plaintext'),
    sealed: await sealAccountData(
      primitives,
      account,
      second,
      'facts/00112233445566778899aabbccddeeff',
      fixedBytes('plaintext'),
    ),
  },
  memberRecords: {
    account,
    generation: 2,
    by: { id: sender.id, signingKey: sender.signer.publicKey },
    records: await Promise.all(
      memberBodies.map(async ([kind, body], n) => {
        const name = memberRecordName({ kind, device: sender.id, n: kind === 'history' ? 1 : 0 });
        const record = { counter: n + 1, body };
        return { name, ...record, sealed: await sealedRecord(sender, name, record) };
      }),
    ),
    invalid: [
      { what: 'a record that another member has signed', sealed: await sealedRecord(stranger, ownName, ownRecord) },
      {
        what: 'a record of another name',
        sealed: await sealedRecord(sender, `endings/${toHex(sender.id)}`, ownRecord),
      },
      { what: 'a record that is cut', sealed: (await sealedRecord(sender, ownName, ownRecord)).subarray(0, 4095) },
    ],
  },
  move: { ...move, by: sender.id, signingKey: sender.signer.publicKey, notice: await signMove(sender, move) },
  movesOnLoopback: await Promise.all(
    ['http://localhost:7722', 'http://127.0.0.1:7722', 'http://[::1]:7722', 'http://a.localhost'].map((relay) =>
      signMove(sender, { ...move, relay }),
    ),
  ),
  invalidMoves: [
    ...(await Promise.all(invalidMoves.map(async ([name, map]) => ({ name, notice: await signedMove(map) })))),
    { name: 'a signature alone', notice: new Uint8Array(64) },
    { name: '513 bytes', notice: new Uint8Array(513) },
  ],
  facts: { ...facts, salt, bytes: encodeDeviceFacts(facts), hash: factsHash({ facts, salt }) },
  names: ['abc', 'Pixel 9', "Anna's Pixel 9", 'work-laptop', 'a.b_c d', '\u624b\u673a\u4e00', '9to5', 'e\u0301cran'],
  invalidNames: [
    'ab',
    '',
    ' abc',
    'abc ',
    'a  b',
    'a--b',
    '-abc',
    'abc-',
    'a\u00a0bc',
    'a/b/c',
    'x'.repeat(65),
    'a\u202ebc',
    '\u0301abc',
    'abc \u0301',
    'abc\u3164',
    'abc\ufe0f',
    'a\u034fbc',
    'a\u115fbc',
  ],
  sameNames: [
    ['Pixel 9', 'pixel-9'],
    ['Pixel 9', 'PIXEL9'],
    ['Stra\u00dfe 1', 'STRASSE 1'],
    ['\uff30ixel', 'Pixel'],
    ['\u00c9cran', 'E\u0301cran'],
  ],
  otherNames: [
    ['Pixel 9', 'Pixel 8'],
    ['ecran', '\u00e9cran'],
  ],
  phrases: await Promise.all(
    phrases.map(async (phrase) => {
      const { id, signer, agreement } = await paperKeys(primitives, parseRecoveryPhrase(phrase));
      return { phrase, id, signingKey: signer.publicKey, agreementKey: agreement.publicKey };
    }),
  ),
  typed: [
    { typed: `  ${phrases[0]?.toUpperCase() ?? ''}\n`, phrase: phrases[0] },
    { typed: phrases[1]?.replaceAll(' ', ' \t\n '), phrase: phrases[1] },
  ],
  invalidPhrases: [
    { name: 'nothing', code: 'wrong-word-count', typed: '' },
    { name: '11 words', code: 'wrong-word-count', typed: phrases[1]?.replace(' about', '') },
    { name: '13 words', code: 'wrong-word-count', typed: `${phrases[1] ?? ''} about` },
    { name: 'a word that is not in the list', code: 'unknown-word', typed: phrases[1]?.replace('about', 'abuot') },
    {
      name: 'the words in another order',
      code: 'wrong-checksum',
      typed: phrases[0]?.replace('legal winner', 'winner legal'),
    },
    { name: 'a word too many of the list', code: 'wrong-checksum', typed: phrases[1]?.replace('about', 'abandon') },
  ],
  passphrases: stretched.map((it) => ({
    passphrase: it.passphrase,
    generation: it.stream.generation,
    salt: it.stream.salt,
    stream: it.stream.bytes,
    key: keyFileKey(it.stream),
    carried: encodePassphraseStream(it.stream),
    contents: it.contents,
    locked: it.locked,
  })),
  samePassphrases: [['\u00e9t\u00e9 \u00e0 la mer', 'e\u0301te\u0301 a\u0300 la mer']],
  otherPassphrases: [
    ['correct horse', 'correct  horse'],
    ['correct horse', 'correct horse '],
    ['correct horse', 'Correct horse'],
    ['fi ligature', '\ufb01 ligature'],
  ],
  /** What the first passphrase does not open. */
  invalidLocks: [
    otherLock('another generation', 'wrong-passphrase', flipped(locked, 3)),
    otherLock('another salt', 'wrong-passphrase', flipped(locked, 5)),
    otherLock('another nonce', 'wrong-passphrase', flipped(locked, 21)),
    otherLock('another tag', 'wrong-passphrase', flipped(locked, 45)),
    otherLock('another ciphertext', 'wrong-passphrase', flipped(locked, locked.length - 1)),
    otherLock('one byte less', 'wrong-passphrase', locked.subarray(0, -1)),
    otherLock('one byte more', 'wrong-passphrase', concat(locked, Uint8Array.of(0))),
    otherLock('what another passphrase locks', 'wrong-passphrase', secondLocked),
    otherLock('nothing', 'bad-format', new Uint8Array(0)),
    otherLock('a cut within the box', 'bad-format', locked.subarray(0, 60)),
    otherLock('generation 0', 'bad-format', flipped(locked, 4)),
    otherLock('version 0', 'unsupported-version', flipped(locked, 0)),
    otherLock('version 2', 'unsupported-version', concat(Uint8Array.of(2), locked.subarray(1))),
  ],
  invalidCarried: [
    { name: 'nothing', carried: new Uint8Array(0) },
    { name: 'the stream alone', carried: stretched[0]?.stream.bytes },
    { name: 'generation 0', carried: new Uint8Array(148) },
  ],
  strengths: {
    empty: [''],
    'too-short': [
      '1234567',
      'e\u0301te\u0301 a\u0300 x',
      '\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}',
    ],
    'too-long': ['x1 y2 z3'.repeat(129)],
    weak: [
      '12345678',
      '2580-1379',
      'aaaaaaaa',
      'abababab',
      'abcdefgh',
      'hgfedcba9',
      'Password1!',
      'passphrase',
      'qwertyui',
      'sunflower',
      'palmkey1',
      '        ',
    ],
    fair: [
      'correct horse battery staple',
      'x9-Ketchup',
      '82648163057294',
      'Stra\u00dfe 17b',
      '\u624b\u673a \u{1f511} \u9470\u5319 \u4e00 \u4e8c',
    ],
  },
});
