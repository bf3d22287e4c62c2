/** Vectors for spec/provisioning.md below its steps: `provisioning.json`. */
import { readFileSync } from 'node:fs';
import { encodeCanonical, sealSecretBox } from '@palmkey/core/crypto';
import {
  codeRendezvous,
  encodeFrame,
  encodeJoinLink,
  type JoinLink,
  joinUrl,
  kex2SessionId,
  parseTyped,
  type RpcFrame,
  stretchWords,
} from '@palmkey/core/provisioning';
import { concat, fromHex, parseAccountId, parseDeviceId, parseRendezvousId, toHex } from '@palmkey/envelope';
import { CpaceSide } from '../packages/core/src/crypto/cpace.ts';
import {
  confirmationOf,
  cpaceInputs,
  encodeIdentity,
  encodeShare,
  type Kex3Secret,
  kex3Keys,
} from '../packages/core/src/provisioning/kex3-keys.ts';
import { fixedBytes } from '../packages/core/src/testing/fixed-keys.ts';
import { nodeScrypt } from '../packages/host/src/keys/node-scrypt.ts';
import { writePage } from './page.ts';

const text = (value: string) => new TextEncoder().encode(value);
const account = parseAccountId(fixedBytes('account').slice(0, 16));
const deviceX = parseDeviceId(fixedBytes('device x').slice(0, 16));
const deviceY = parseDeviceId(fixedBytes('device y').slice(0, 16));
const other = fixedBytes('other');
const eight = 'abandon ability able about above absent absorb abstract';

// Suites: what libsodium has made of the words, and what OpenSSL makes of them now.
const captured = JSON.parse(readFileSync(new URL('fixtures/scrypt.json', import.meta.url), 'utf8')) as {
  words: string;
  salt: string;
  cost: number;
  stretched: string;
}[];
const suites = [];
for (const { words, salt, cost, stretched } of captured) {
  const typed = parseTyped(words);
  if (typed.suite === 'kex3') throw new Error('no kex2 suite');
  const named = salt === '' ? null : parseAccountId(fromHex(salt));
  const key = await stretchWords(typed, named, nodeScrypt);
  if (toHex(key) !== stretched) throw new Error('libsodium and OpenSSL differ');
  suites.push({ suite: typed.suite, words, account: named, cost, stretched, session: kex2SessionId(key) });
}

// kex3, with fixed scalars.
function exchange(name: string, secret: Kex3Secret) {
  const entered = secret.how === 'words' ? text(secret.words) : secret.bytes;
  const rendezvous =
    secret.how === 'words' ? parseRendezvousId(fixedBytes(`${name} rendezvous`)) : codeRendezvous(secret.bytes);
  const [randomX, randomY] = [fixedBytes(`${name} scalar x`), fixedBytes(`${name} scalar y`)];
  const sideX = new CpaceSide(cpaceInputs(secret, rendezvous), () => randomX);
  const sideY = new CpaceSide(cpaceInputs(secret, rendezvous), () => randomY);
  const x = { share: sideX.share, associatedData: encodeIdentity({ side: 'x', device: deviceX, account }) };
  const y = { share: sideY.share, associatedData: encodeIdentity({ side: 'y', device: deviceY, account: null }) };
  const agreed = sideX.agree(y.share);
  const keys = kex3Keys(rendezvous, agreed, x, y);
  return {
    how: secret.how,
    secret: entered,
    rendezvous,
    randomX,
    randomY,
    messageX: encodeShare(x),
    messageY: encodeShare(y),
    agreed,
    confirmKeyX: keys.confirm.x,
    confirmKeyY: keys.confirm.y,
    keyX: keys.packet.x,
    keyY: keys.packet.y,
    session: keys.session,
    confirmationX: confirmationOf(keys, 'x', y),
    confirmationY: confirmationOf(keys, 'y', x),
  };
}

const byWords = exchange('words', { how: 'words', words: 'zoo zone zero' });
// The same two with another word, at the same rendezvous: nothing of it is right for the others.
const byOtherWords = exchange('words', { how: 'words', words: 'zoo zone zebra' });
const invalidShares: readonly (readonly [name: string, from: 'x' | 'y', message: Uint8Array])[] = [
  ['nothing', 'x', new Uint8Array(0)],
  ['another kind', 'x', byWords.messageX.with(0, 4)],
  ['another side', 'x', byWords.messageX.with(33, 2)],
  ['no side', 'x', byWords.messageX.with(33, 0)],
  ['X without its account', 'x', byWords.messageX.subarray(0, -16)],
  ['X with a byte too few', 'x', byWords.messageX.subarray(0, -1)],
  ['X with a byte too many', 'x', concat(byWords.messageX, Uint8Array.of(0))],
  ['what Y says, as X’s', 'x', byWords.messageY],
  ['what X says, as Y’s', 'y', byWords.messageX],
  ['Y with an account', 'y', concat(byWords.messageY, account)],
  ['Y as X’s side', 'y', byWords.messageY.with(33, 1)],
];

/** What is no canonical encoding of an element, and the neutral one. */
const P = 2n ** 255n - 19n;
const littleEndian = (value: bigint) => fromHex(value.toString(16).padStart(64, '0')).reverse();
const shareY = byWords.messageY.slice(1, 33);
const negativeY = P - BigInt(`0x${toHex(shareY.slice().reverse())}`);
const wrongShares: readonly (readonly [name: string, share: Uint8Array])[] = [
  ['the neutral element', new Uint8Array(32)],
  ['a number beyond the field', littleEndian(P + 2n)],
  ['the negative of an element’s number', littleEndian(negativeY)],
  ['the highest bit', shareY.with(31, (shareY[31] ?? 0) | 0x80)],
  // Draft-irtf-cfrg-cpace, B.3.
  ['no point of the curve', fromHex('2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c')],
];

// Packets, as Y receives them from X.
const key = fixedBytes('packet key');
const session = fixedBytes('packet session');
const nonce = fixedBytes('packet nonce').slice(0, 24);
const payload = text('hello');
interface Parts {
  readonly key?: Uint8Array;
  readonly inner?: readonly unknown[];
  readonly outer?: readonly unknown[];
  /** Instead of what the inner list encodes to. */
  readonly innerBytes?: Uint8Array;
}
const head = [deviceX, session, 1] as const;
function packet(parts: Parts = {}): Uint8Array<ArrayBuffer> {
  const inner = parts.innerBytes ?? encodeCanonical(parts.inner ?? [...head, payload]);
  const box = sealSecretBox(parts.key ?? key, nonce, inner).subarray(24);
  return encodeCanonical([...(parts.outer ?? head), nonce, box]);
}
const both = (...values: readonly unknown[]): Parts => ({ outer: values, inner: [...values, payload] });
/** With these bytes instead of those, of which there is one place. */
function replaced(bytes: Uint8Array, those: string, these: string): Uint8Array {
  const found = toHex(bytes).split(those);
  if (found.length !== 2) throw new Error('not one place');
  return fromHex(found.join(these));
}
const box = sealSecretBox(key, nonce, encodeCanonical([...head, payload])).subarray(24);
const innerOf = (...list: readonly unknown[]) => packet({ innerBytes: encodeCanonical(list) });
const floatOne = 'cb3ff0000000000000';
const seqnoOne = (before: string, after: string, as: string) =>
  [`${before}01${after}`, `${before}${as}${after}`] as const;
const endOfSession = toHex(session.slice(-4));
const whole = packet();

const validPackets = [
  { name: 'the first', seqno: 1, packet: whole, payload },
  { name: 'the end of the stream', seqno: 1, packet: packet({ inner: [...head, new Uint8Array(0)] }), payload: '' },
  {
    name: 'one of the longest payload',
    seqno: 1,
    packet: packet({ inner: [...head, new Uint8Array(14_336)] }),
    payload: new Uint8Array(14_336),
  },
];
type Bad = readonly [name: string, code: string, packet: Uint8Array, sender?: Uint8Array, seqno?: number];
const invalidPackets: readonly Bad[] = [
  ['nothing of MessagePack', 'bad-packet', Uint8Array.of(0xc1)],
  ['a map', 'bad-packet', encodeCanonical({})],
  ['four elements', 'bad-packet', encodeCanonical([...head, nonce])],
  ['six elements', 'bad-packet', encodeCanonical([...head, nonce, box, null])],
  ['a sender of 15 bytes', 'bad-packet', encodeCanonical([deviceX.subarray(1), session, 1, nonce, box])],
  ['a sender that is text', 'bad-packet', encodeCanonical(['x'.repeat(16), session, 1, nonce, box])],
  ['a session of 31 bytes', 'bad-packet', encodeCanonical([deviceX, session.subarray(1), 1, nonce, box])],
  ['a negative seqno', 'bad-packet', encodeCanonical([deviceX, session, -1, nonce, box])],
  ['a seqno of 33 bits', 'bad-packet', encodeCanonical([deviceX, session, 2 ** 32, nonce, box])],
  ['a seqno that is a float', 'bad-packet', replaced(whole, ...seqnoOne(endOfSession, 'c418', floatOne))],
  ['a seqno of two bytes for one', 'bad-packet', replaced(whole, ...seqnoOne(endOfSession, 'c418', 'cc01'))],
  ['a session that is text', 'bad-packet', encodeCanonical([deviceX, 'x'.repeat(32), 1, nonce, box])],
  ['a seqno that is text', 'bad-packet', encodeCanonical([deviceX, session, '1', nonce, box])],
  ['a nonce that is text', 'bad-packet', encodeCanonical([...head, 'x'.repeat(24), box])],
  ['a box that is text', 'bad-packet', encodeCanonical([...head, nonce, 'x'.repeat(40)])],
  ['a nonce of 23 bytes', 'bad-packet', encodeCanonical([...head, nonce.subarray(1), box])],
  ['a box shorter than its tag', 'bad-packet', encodeCanonical([...head, nonce, box.subarray(0, 15)])],
  ['a byte after it', 'bad-packet', concat(whole, Uint8Array.of(0))],
  ['a byte too few', 'bad-packet', whole.subarray(0, -1)],
  ['more than 15 KiB', 'bad-packet', encodeCanonical([...head, nonce, new Uint8Array(15 * 1024)])],
  ['a length of two bytes for one', 'bad-packet', replaced(whole, `95c410`, `95c50010`)],
  ['another key', 'packet-unopenable', packet({ key: other })],
  ['another nonce', 'packet-unopenable', encodeCanonical([...head, other.slice(0, 24), box])],
  ['a box of its tag alone', 'packet-unopenable', encodeCanonical([...head, nonce, box.subarray(0, 16)])],
  ['nothing of MessagePack inside', 'bad-packet', packet({ innerBytes: Uint8Array.of(0xc1) })],
  ['nothing inside', 'bad-packet', packet({ innerBytes: new Uint8Array(0) })],
  ['three elements inside', 'bad-packet', innerOf(...head)],
  ['five elements inside', 'bad-packet', innerOf(...head, payload, null)],
  ['a sender of 15 bytes inside', 'bad-packet', innerOf(deviceX.subarray(1), session, 1, payload)],
  ['a session of 33 bytes inside', 'bad-packet', innerOf(deviceX, concat(session, Uint8Array.of(0)), 1, payload)],
  ['a negative seqno inside', 'bad-packet', innerOf(deviceX, session, -1, payload)],
  ['a seqno of 33 bits inside', 'bad-packet', innerOf(deviceX, session, 2 ** 32, payload)],
  ['no seqno inside', 'bad-packet', innerOf(deviceX, session, null, payload)],
  ['a payload that is text', 'bad-packet', innerOf(...head, 'hello')],
  ['a payload of more than 14 KiB', 'bad-packet', innerOf(...head, new Uint8Array(14_337))],
  [
    'a byte after it inside',
    'bad-packet',
    packet({ innerBytes: concat(encodeCanonical([...head, payload]), Uint8Array.of(0)) }),
  ],
  [
    'a seqno of two bytes for one inside',
    'bad-packet',
    packet({ innerBytes: replaced(encodeCanonical([...head, payload]), ...seqnoOne(endOfSession, 'c405', 'cc01')) }),
  ],
  ['another sender outside', 'packet-mismatch', packet({ outer: [deviceY, session, 1] })],
  ['another session outside', 'packet-mismatch', packet({ outer: [deviceX, other, 1] })],
  ['another seqno outside', 'packet-mismatch', packet({ outer: [deviceX, session, 2] })],
  ['another sender at the rendezvous', 'packet-mismatch', whole, deviceY],
  ['another seqno at the rendezvous', 'packet-mismatch', whole, deviceX, 2],
  ['another session', 'wrong-session', packet(both(deviceX, other, 1))],
  ['another session, of our own', 'wrong-session', packet(both(deviceY, other, 1)), deviceY],
  ['our own', 'own-packet', packet(both(deviceY, session, 1)), deviceY],
  ['our own, and not the next', 'own-packet', packet(both(deviceY, session, 2)), deviceY, 2],
  ['another peer', 'wrong-peer', packet(both(other.slice(0, 16), session, 1)), other.slice(0, 16)],
  ['another peer, and not the next', 'wrong-peer', packet(both(other.slice(0, 16), session, 9)), other.slice(0, 16), 9],
  ['seqno 0', 'wrong-packet-seqno', packet(both(deviceX, session, 0)), deviceX, 0],
  ['seqno 2 for 1', 'wrong-packet-seqno', packet(both(deviceX, session, 2)), deviceX, 2],
  ['the highest seqno', 'wrong-packet-seqno', packet(both(deviceX, session, 0xffff_ffff)), deviceX, 0xffff_ffff],
];

// RPC.
const validFrames: readonly (readonly [string, RpcFrame])[] = [
  ['start', { is: 'notify', method: 'palmkey.kex.start', arg: {} }],
  ['a call', { is: 'call', seqid: 0, method: 'palmkey.kex.hello2', arg: { deviceNames: ['laptop'], uid: account } }],
  ['an answer', { is: 'answer', seqid: 0, failure: null, result: { ok: true } }],
  ['a failure', { is: 'notify', method: 'palmkey.kex.failed', arg: { code: 'bad-packet' } }],
  ['an error', { is: 'answer', seqid: 0, failure: { code: 'refused', message: '' }, result: null }],
  ['a cancel', { is: 'cancel', seqid: 0xffff_ffff, method: 'palmkey.kex.hello2' }],
  [
    'an error with words',
    { is: 'answer', seqid: 1, failure: { code: 'name-taken', message: 'by hand' }, result: null },
  ],
  ['the longest name of a method', { is: 'notify', method: 'm'.repeat(64), arg: null }],
  ['a length of the longest single byte', { is: 'notify', method: 'm', arg: new Uint8Array(120) }],
  ['a length behind cc', { is: 'notify', method: 'm', arg: new Uint8Array(121) }],
  ['a length of two bytes', { is: 'notify', method: 'm', arg: new Uint8Array(300) }],
];
const framed = (body: Uint8Array) => concat(encodeCanonical(body.length), body);
const invalidFrames: readonly (readonly [string, Uint8Array])[] = [
  ['a length of nothing', Uint8Array.of(0)],
  ['a length that is negative', Uint8Array.of(0xff)],
  ['a length that is signed', fromHex('d00593')],
  ['a length that is not the shortest', concat(Uint8Array.of(0xcc, 5), encodeCanonical([3, 0, 'm']))],
  ['a length of 64 bits', fromHex('cf0000000000000005')],
  ['a length beyond 1 MiB', fromHex('ce00100001')],
  ['a length that is no integer', encodeCanonical([3, 0, 'm'])],
  ['an array of two', framed(encodeCanonical([3, 0]))],
  ['an array of five', framed(encodeCanonical([0, 0, 'm', [null], null]))],
  [
    'an array whose length is not the shortest',
    framed(concat(fromHex('dc0003'), encodeCanonical([3, 0, 'm']).subarray(1))),
  ],
  ['kind 4', framed(encodeCanonical([4, 0, 'm']))],
  ['a call of three', framed(encodeCanonical([0, 0, 'm']))],
  ['an answer of three', framed(encodeCanonical([1, 0, null]))],
  ['a call without an argument', framed(encodeCanonical([0, 0, 'm', []]))],
  ['an error beside a result', framed(encodeCanonical([1, 0, { code: 'x', message: '' }, 1]))],
  ['a notify of four', framed(encodeCanonical([2, 0, 'm', [null]]))],
  ['a seqid that is negative', framed(encodeCanonical([0, -1, 'm', [null]]))],
  ['a seqid of 33 bits', framed(encodeCanonical([0, 2 ** 32, 'm', [null]]))],
  ['a seqid of two bytes for one', framed(fromHex('9303cc00a16d'))],
  ['a call with two arguments', framed(encodeCanonical([0, 0, 'm', [1, 2]]))],
  ['an argument that is in no list', framed(encodeCanonical([0, 0, 'm', 1]))],
  ['no name of a method', framed(encodeCanonical([3, 0, '']))],
  ['a name of 65 characters', framed(encodeCanonical([3, 0, 'm'.repeat(65)]))],
  ['a name with a space', framed(encodeCanonical([3, 0, 'a b']))],
  ['an error without a code', framed(encodeCanonical([1, 0, { message: '' }, null]))],
  ['an error with a key more', framed(encodeCanonical([1, 0, { code: 'x', message: '', more: 1 }, null]))],
  ['an error whose code is in capitals', framed(encodeCanonical([1, 0, { code: 'X', message: '' }, null]))],
  ['an error whose words move the cursor', framed(encodeCanonical([1, 0, { code: 'x', message: '\u001b[A' }, null]))],
  ['an error whose code has 65 letters', framed(encodeCanonical([1, 0, { code: 'x'.repeat(65), message: '' }, null]))],
  ['an error of 257 characters', framed(encodeCanonical([1, 0, { code: 'x', message: 'x'.repeat(257) }, null]))],
  ['an answer whose seqid is negative', framed(encodeCanonical([1, -1, null, null]))],
  ['an answer whose seqid is text', framed(encodeCanonical([1, '0', null, null]))],
  ['a notify without a name', framed(encodeCanonical([2, '', [null]]))],
  ['a notify whose name is bytes', framed(encodeCanonical([2, Uint8Array.of(109), [null]]))],
  ['a notify whose argument is in no list', framed(encodeCanonical([2, 'm', null]))],
  ['a cancel of four', framed(encodeCanonical([3, 0, 'm', null]))],
  ['a cancel whose seqid is negative', framed(encodeCanonical([3, -1, 'm']))],
  ['a cancel whose seqid is nil', framed(encodeCanonical([3, null, 'm']))],
  ['a negative kind', framed(encodeCanonical([-1, 0, 'm']))],
  ['a kind that is text', framed(encodeCanonical(['0', 0, 'm']))],
  ['a map', framed(encodeCanonical({ is: 'cancel' }))],
  ['an error that is text', framed(encodeCanonical([1, 0, 'x', null]))],
  ['a length of one too many', concat(Uint8Array.of(6), encodeCanonical([3, 0, 'm']), Uint8Array.of(0))],
];

// QR codes.
const links: readonly JoinLink[] = [
  {
    relay: 'https://relay.example.org',
    shownBy: { side: 'x', account },
    secret: { suite: 'kex3', bytes: fixedBytes('code') },
  },
  { relay: 'http://127.0.0.1:7477', shownBy: { side: 'y' }, secret: { suite: 'kex3', bytes: fixedBytes('code') } },
  { relay: 'http://[::1]:7477', shownBy: { side: 'x', account }, secret: { suite: 'kex2-v1', words: eight } },
  { relay: 'https://relay.example.org', shownBy: { side: 'y' }, secret: { suite: 'kex2-v1', words: `${eight} four` } },
  {
    relay: 'https://relay.example.org',
    shownBy: { side: 'x', account },
    secret: { suite: 'kex2-v2', words: `${eight} absurd` },
  },
];
const relay = text('https://relay.example.org');
const link = (suite: number, side: number, secret: Uint8Array, origin: Uint8Array = relay) =>
  concat(
    Uint8Array.of(1, suite, side, origin.length),
    origin,
    side === 1 ? account : new Uint8Array(0),
    Uint8Array.of(secret.length),
    secret,
  );
const wholeLink = link(3, 1, other);
const invalidLinks: readonly (readonly [string, Uint8Array, string?])[] = [
  ['another version', wholeLink.with(0, 2), 'version'],
  ['nothing', new Uint8Array(0)],
  ['its version alone', Uint8Array.of(1)],
  ['a byte too few', wholeLink.subarray(0, -1)],
  ['a byte too many', concat(wholeLink, Uint8Array.of(0))],
  ['suite 0', link(0, 1, other)],
  ['suite 4', link(4, 1, other)],
  ['side 0', link(3, 0, other)],
  ['side 3', link(3, 3, other)],
  ['no relay', link(3, 1, other, new Uint8Array(0))],
  ['a relay with a path', link(3, 1, other, text('https://relay/x'))],
  ['a relay in capitals', link(3, 1, other, text('https://RELAY'))],
  ['a relay of another scheme', link(3, 1, other, text('wss://relay'))],
  ['a relay that is not ASCII', link(3, 1, other, text('https://bücher.example'))],
  ['no secret', link(3, 1, new Uint8Array(0))],
  ['31 bytes for kex3', link(3, 1, other.subarray(1))],
  ['33 bytes for kex3', link(3, 1, concat(other, Uint8Array.of(0)))],
  ['words for kex3', link(3, 1, text('zoo zone zero'))],
  ['bytes for kex2-v1', link(1, 1, other)],
  ['seven words', link(1, 1, text(eight.replace(' abstract', '')))],
  ['nine words for kex2-v1', link(1, 1, text(`${eight} absurd`))],
  ['eight words for kex2-v2', link(2, 1, text(eight))],
  ['nine words with four for kex2-v2', link(2, 1, text(`${eight} four`))],
  ['kex2-v2 shown by Y', link(2, 2, text(`${eight} absurd`))],
  ['words in capitals', link(1, 1, text(eight.toUpperCase()))],
  ['words with two spaces', link(1, 1, text(eight.replace(' ', '  ')))],
  ['a word that is not in the list', link(1, 1, text(eight.replace('able', 'four')))],
];

writePage('provisioning', {
  suites,
  typed: [
    { text: ' 42  Zoo zone\tZERO ', suite: 'kex3', number: 42, words: 'zoo zone zero' },
    { text: eight.toUpperCase(), suite: 'kex2-v1', words: eight },
    { text: `${eight} four`, suite: 'kex2-v1', words: `${eight} four` },
    { text: `${eight} absurd`, suite: 'kex2-v2', words: `${eight} absurd` },
  ],
  invalidTyped: [
    { text: '', code: 'wrong-word-count' },
    { text: 'zoo zone zero', code: 'wrong-word-count' },
    { text: '4294967296 zoo zone zero', code: 'wrong-word-count' },
    { text: `${eight} absurd abuse`, code: 'wrong-word-count' },
    { text: '42 zoo zoen zero', code: 'unknown-word' },
    { text: eight.replace('able', 'four'), code: 'unknown-word' },
  ],
  kex3: [byWords, exchange('code', { how: 'code', bytes: fixedBytes('code') })],
  invalidShares: invalidShares.map(([name, from, message]) => ({ name, from, message })),
  wrongShares: wrongShares.map(([name, share]) => ({
    name,
    code: 'wrong-secret',
    message: concat(byWords.messageY.subarray(0, 1), share, byWords.messageY.subarray(33)),
  })),
  wrongConfirmations: { x: byOtherWords.confirmationX, y: byOtherWords.confirmationY },
  packets: {
    key,
    session,
    self: deviceY,
    peer: deviceX,
    valid: validPackets,
    invalid: invalidPackets.map(([name, code, bytes, sender = deviceX, seqno = 1]) => ({
      name,
      code,
      sender,
      seqno,
      packet: bytes,
    })),
  },
  frames: validFrames.map(([name, frame]) => ({ name, frame, bytes: encodeFrame(frame) })),
  invalidFrames: invalidFrames.map(([name, bytes]) => ({ name, code: 'bad-frame', bytes })),
  links: links.map((each) => ({
    ...each,
    payload: encodeJoinLink(each),
    url: joinUrl('https://app.example.org', each),
  })),
  invalidLinks: invalidLinks.map(([name, payload, code = 'bad-link']) => ({ name, code, payload })),
});
