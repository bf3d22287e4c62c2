/** Vectors for spec/envelope.md, "Inside" and "Opening": `message.json`. */
import { parseLinkHash } from '@palmkey/chain';
import { encodeCanonical } from '@palmkey/core/crypto';
import { type Content, encodeContent } from '@palmkey/core/messages';
import { parseRequestHash } from '@palmkey/core/requests';
import { concat, sealedBody } from '@palmkey/envelope';
import { compareBytes } from '../packages/core/src/messages/layout.ts';
import { paddedLength } from '../packages/core/src/messages/padding.ts';
import { fixedBytes, fixedDevice } from '../packages/core/src/testing/fixed-keys.ts';
import { type Forgery, forgeMessage, publicOf } from '../packages/core/src/testing/forge-message.ts';
import { writePage } from './page.ts';

const MINUTE = 60_000;
const sent = 1_800_000_000_000;
const seeds = ['host', 'phone', 'other'] as const;
const [host, phone, other] = await Promise.all([fixedDevice('host'), fixedDevice('phone'), fixedDevice('other')]);
const ask: Content = { kind: 'ask', request: fixedBytes('a request') };
const unpair: Content = { kind: 'unpair' };
const large: Content = { kind: 'ask', request: new Uint8Array(1000) };
const decision: Content = { kind: 'decision', hash: parseRequestHash(fixedBytes('hash')), answer: { is: 'reject' } };
const head = { seqno: 7, hash: parseLinkHash(fixedBytes('a link')) };
const toPhone = [publicOf(phone)];
const ordered = [publicOf(phone), publicOf(other)].sort((a, b) => compareBytes(a.id, b.id));

/** What the receiver (the phone) knows beside the body: its clock, and the sender's and its own role. */
const usual = { now: sent, sender: 'asks', receiver: 'decides' };
const good = await forgeMessage(host, toPhone, sent, ask);
const flip = (at: number) => sealedBody(good.with(at, (good[at] ?? 0) ^ 1));
const forged: readonly (readonly [string, Forgery])[] = [
  ['another sender inside', { map: (map) => ({ ...map, from: other.id }) }],
  ['another recipient inside', { map: (map) => ({ ...map, to: [{ id: other.id, n: 1 }] }) }],
  [
    'a recipient more inside',
    { map: (map) => ({ ...map, to: [...map.to, { id: new Uint8Array(16).fill(255), n: 1 }] }) },
  ],
  ['number 0', { map: (map) => ({ ...map, to: map.to.map(({ id }) => ({ id, n: 0 })) }) }],
  ['another version inside', { map: (map) => ({ ...map, v: 2 }) }],
  ['a head that is a hash alone', { map: (map) => ({ ...map, head: new Uint8Array(32) }) }],
  ['a head before the first link', { map: (map) => ({ ...map, head: { ...head, seqno: 0 } }) }],
  ['a head without a seqno', { map: (map) => ({ ...map, head: { hash: head.hash } }) }],
  ['a head with a seqno in words', { map: (map) => ({ ...map, head: { ...head, seqno: '7' } }) }],
  ['a head with a hash a byte short', { map: (map) => ({ ...map, head: { ...head, hash: head.hash.slice(1) } }) }],
  ['a head with a key more', { map: (map) => ({ ...map, head: { ...head, account: new Uint8Array(16) } }) }],
  ['no head at all', { map: ({ head: _, ...map }) => map }],
  ['a key more', { map: (map) => ({ ...map, extra: 1 }) }],
  ['a signature in another context', { context: 'relay-connect' }],
  ['a signature with a flipped bit', { signature: (bytes) => bytes.with(5, (bytes[5] ?? 0) ^ 1) }],
  ['padding that is not zero', { plaintext: (bytes) => bytes.with(bytes.length - 1, 1) }],
  ['padding a byte short', { plaintext: (bytes) => bytes.subarray(0, bytes.length - 1) }],
  ['padding a step long', { plaintext: (bytes) => concat(bytes, new Uint8Array(32)) }],
  ['a length beyond the end', { plaintext: (bytes) => bytes.with(0, 255) }],
];

writePage('message', {
  devices: seeds.map((seed) => ({
    name: seed,
    signingSeed: fixedBytes(`${seed} signing`),
    agreementPrivate: fixedBytes(`${seed} agreement`),
  })),
  padding: [0, 1, 256, 257, 272, 273, 512, 513, 1000, 1025, 9000, 65_535].map((length) => ({
    length,
    padded: paddedLength(length),
  })),
  valid: [
    { name: 'an ask', ...usual, content: encodeContent(ask), body: good },
    { name: 'unpair', ...usual, content: encodeContent(unpair), body: await forgeMessage(host, toPhone, sent, unpair) },
    {
      name: 'a large ask',
      ...usual,
      content: encodeContent(large),
      body: await forgeMessage(host, toPhone, sent, large),
    },
    {
      name: 'two recipients',
      ...usual,
      content: encodeContent(ask),
      body: await forgeMessage(host, ordered, sent, ask),
    },
    {
      name: 'the head of a chain',
      ...usual,
      content: encodeContent(ask),
      head,
      body: await forgeMessage(host, toPhone, sent, ask, { map: (map) => ({ ...map, head }) }),
    },
    { name: 'the earliest', ...usual, now: sent - 15 * MINUTE, content: encodeContent(ask), body: good },
    { name: 'the latest', ...usual, now: sent + 16 * MINUTE, content: encodeContent(ask), body: good },
  ],
  invalid: [
    ...(await Promise.all(
      forged.map(async ([name, forgery]) => ({
        name,
        ...usual,
        code: 'unopenable',
        body: await forgeMessage(host, toPhone, sent, ask, forgery),
      })),
    )),
    { name: 'another version', ...usual, code: 'unopenable', body: good.with(0, 2) },
    { name: 'no recipients', ...usual, code: 'unopenable', body: good.with(17, 0) },
    { name: '33 recipients', ...usual, code: 'unopenable', body: good.with(17, 33) },
    { name: 'an unknown recipient kind', ...usual, code: 'unopenable', body: good.with(18, 2) },
    { name: 'another nonce of the wrap', ...usual, code: 'unopenable', body: flip(35) },
    { name: 'another iv', ...usual, code: 'unopenable', body: flip(18 + 89) },
    { name: 'another ciphertext', ...usual, code: 'unopenable', body: flip(18 + 89 + 12) },
    { name: 'another tag', ...usual, code: 'unopenable', body: flip(good.length - 1) },
    { name: 'a byte too few', ...usual, code: 'unopenable', body: good.subarray(0, -1) },
    { name: 'a byte too many', ...usual, code: 'unopenable', body: concat(good, Uint8Array.of(0)) },
    { name: 'nothing', ...usual, code: 'unopenable', body: new Uint8Array(0) },
    {
      name: 'recipients out of order',
      ...usual,
      code: 'unopenable',
      body: await forgeMessage(host, ordered.toReversed(), sent, ask),
    },
    {
      name: 'a recipient twice',
      ...usual,
      code: 'unopenable',
      body: await forgeMessage(host, [...toPhone, ...toPhone], sent, ask),
    },
    {
      name: 'for somebody else',
      ...usual,
      code: 'unopenable',
      body: await forgeMessage(host, [publicOf(other)], sent, ask),
    },
    {
      name: 'from somebody who is no peer',
      ...usual,
      code: 'unknown-sender',
      body: await forgeMessage(other, toPhone, sent, ask),
    },
    { name: 'a millisecond too early', ...usual, now: sent - 15 * MINUTE - 1, code: 'clock-skew', body: good },
    { name: 'a millisecond too late', ...usual, now: sent + 16 * MINUTE + 1, code: 'clock-skew', body: good },
    {
      name: 'valid for more than an hour',
      ...usual,
      code: 'clock-skew',
      body: await forgeMessage(host, toPhone, sent, ask, {
        map: (map) => ({ ...map, expires: sent + 60 * MINUTE + 1 }),
      }),
    },
    {
      name: 'over before it began',
      ...usual,
      code: 'clock-skew',
      body: await forgeMessage(host, toPhone, sent, ask, { map: (map) => ({ ...map, expires: sent - 1 }) }),
    },
    {
      name: 'a host that decides',
      ...usual,
      code: 'not-allowed',
      body: await forgeMessage(host, toPhone, sent, decision),
    },
    {
      name: 'a content of an unknown kind',
      ...usual,
      code: 'not-understood',
      body: await forgeMessage(host, toPhone, sent, ask, { content: encodeCanonical({ kind: 'shell' }) }),
    },
    { name: 'a host that asks a host', ...usual, receiver: 'asks', code: 'not-allowed', body: good },
    { name: 'a phone that asks', ...usual, sender: 'decides', code: 'not-allowed', body: good },
  ],
});
