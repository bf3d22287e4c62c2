/** Vectors for spec/envelope.md, "Outside", and the bodies of spec/relay.md: `frame.json`. */
import {
  ascii,
  concat,
  connectMessage,
  encodeAccountDataWord,
  encodeAccountRecords,
  encodeAdmitted,
  encodeAuthenticate,
  encodeChainBoxes,
  encodeChainBoxesAsk,
  encodeChainHead,
  encodeChainPart,
  encodeChainPost,
  encodeChainReadAsk,
  encodeChainWrite,
  encodeChainWritten,
  encodeChallenge,
  encodeFrame,
  encodeInvite,
  encodeNameplate,
  encodePushed,
  encodePushRegister,
  encodeRelayError,
  encodeRendezvousClose,
  encodeResume,
  FrameType,
  parseAccountId,
  parseAgreementPublicKey,
  parseConnectNonce,
  parseDeviceId,
  parseGrant,
  parseRendezvousId,
  parseSignature,
  parseSigningPublicKey,
  pushOutcomes,
  relayErrors,
  signedBytes,
  signInMessage,
  toHex,
  type PushOutcome,
  type RelayErrorCode,
} from '@palmkey/envelope';
import { writeFileSync } from 'node:fs';

const run = (from: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (from + i) & 255);
const peer = parseDeviceId(run(0xa0, 16));
const plain = { lifetimeS: 0, number: 1, peer, coalescingKey: 0, durable: false, body: Uint8Array.of(1, 2, 3) };

/** All vectors of the page; bytes are lower-case hexadecimal. */
const vectors = {
  frames: frames(),
  invalidFrames: invalidFrames(),
  bodies: bodies(),
  invalidBodies: invalidBodies(),
  errors: errors(),
};
writeFileSync(new URL('frame.json', import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);

function frames(): unknown[] {
  const cases = [
    { name: 'a message', ...plain, type: FrameType.unicast },
    {
      name: 'the largest numbers',
      type: FrameType.unicast,
      lifetimeS: 0xffff_ffff,
      number: 2 ** 53 - 1,
      peer,
      coalescingKey: 2 ** 53 - 1,
      durable: false,
      body: new Uint8Array(0),
    },
    { name: 'durable mail', ...plain, type: FrameType.unicast, lifetimeS: 3600, durable: true },
    { name: 'durable mail to all', ...plain, type: FrameType.broadcast, lifetimeS: 1, durable: true },
    ...Object.entries(FrameType).map(([name, type]) => ({ name, ...plain, type })),
  ];
  return cases.map((frame) => ({
    ...frame,
    peer: toHex(frame.peer),
    body: toHex(frame.body),
    bytes: toHex(encodeFrame(frame)),
  }));
}

function invalidFrames(): unknown[] {
  const change = (at: number, value: number, lifetimeS = 0): Uint8Array => {
    const frame = encodeFrame({ ...plain, type: FrameType.unicast, lifetimeS });
    frame[at] = value;
    return frame;
  };
  const bad: [string, string, Uint8Array][] = [
    ['no bytes', 'bad-frame', new Uint8Array(0)],
    ['a header cut short', 'bad-frame', change(0, 1).subarray(0, 39)],
    ['version 0', 'unsupported-version', change(0, 0)],
    ['version 2', 'unsupported-version', change(0, 2)],
    ['version 2, cut short', 'unsupported-version', Uint8Array.of(2)],
    ...[0, 7, 15, 19, 40, 255].map((type): [string, string, Uint8Array] => [
      `type ${type}`,
      'bad-frame',
      change(1, type),
    ]),
    ['a flag, high byte', 'bad-frame', change(2, 1)],
    ['durable without a lifetime', 'bad-frame', change(3, 1)],
    ['a flag that is not defined', 'bad-frame', change(3, 2, 60)],
    ['durable and another flag', 'bad-frame', change(3, 3, 60)],
    ['a durable ack', 'bad-frame', change(1, 3, 60).fill(1, 3, 4)],
    ['a durable order', 'bad-frame', change(1, 24, 60).fill(1, 3, 4)],
    ['a number of 2^53', 'bad-frame', change(9, 0x20)],
    ['a number of 2^56', 'bad-frame', change(8, 1)],
    ['a coalescing key of 2^53', 'bad-frame', change(33, 0x20)],
    ['a coalescing key of 2^56', 'bad-frame', change(32, 1)],
  ];
  return bad.map(([name, error, bytes]) => ({ name, error, bytes: toHex(bytes) }));
}

function bodies(): unknown {
  const serverNonce = parseConnectNonce(run(0, 32));
  const clientNonce = parseConnectNonce(run(32, 32));
  const signingKey = parseSigningPublicKey(run(64, 32));
  const agreementKey = parseAgreementPublicKey(run(96, 32));
  const signature = parseSignature(run(128, 64));
  const grant = parseGrant(run(192, 32));
  const rendezvous = parseRendezvousId(run(192, 32));
  const registration = {
    endpoint: 'https://push.example.org/x',
    p256dh: Uint8Array.of(4, ...run(1, 64)),
    auth: run(7, 16),
  };
  const origin = 'https://relay.example.org';
  const shown = { clientNonce, signingKey, agreementKey, signature, origin };
  const connect = connectMessage(serverNonce, clientNonce, peer, origin);
  const signIn = signInMessage(serverNonce, peer, origin);
  return {
    challenge: { serverNonce: toHex(serverNonce), bytes: toHex(encodeChallenge(serverNonce)) },
    authenticate: [
      { grant: null, bytes: toHex(encodeAuthenticate(shown)) },
      { grant: toHex(grant), bytes: toHex(encodeAuthenticate({ ...shown, grant })) },
    ].map((body) => ({
      clientNonce: toHex(clientNonce),
      signingKey: toHex(signingKey),
      agreementKey: toHex(agreementKey),
      signature: toHex(signature),
      origin,
      ...body,
    })),
    connect: { deviceId: toHex(peer), message: toHex(connect), signed: toHex(signedBytes('relay-connect', connect)) },
    signIn: { deviceId: toHex(peer), message: toHex(signIn), signed: toHex(signedBytes('relay-sign-in', signIn)) },
    admitted: {
      deviceId: toHex(peer),
      maxBodyBytes: 65_536,
      relayTime: 1_700_000_000_123,
      bytes: toHex(encodeAdmitted({ deviceId: peer, maxBodyBytes: 65_536, relayTime: 1_700_000_000_123 })),
    },
    rendezvousClose: [peer, null].map((keep) => ({
      id: toHex(rendezvous),
      keep: keep && toHex(keep),
      bytes: toHex(encodeRendezvousClose(rendezvous, keep)),
    })),
    resume: [
      { epoch: 2 ** 53 - 1, cursor: 0 },
      { epoch: 1, cursor: 2 ** 53 - 1 },
    ].map((body) => ({ ...body, bytes: toHex(encodeResume(body)) })),
    pushRegister: {
      endpoint: registration.endpoint,
      p256dh: toHex(registration.p256dh),
      auth: toHex(registration.auth),
      bytes: toHex(encodePushRegister(registration)),
    },
    pushed: Object.keys(pushOutcomes).map((outcome) => ({
      outcome,
      bytes: toHex(encodePushed(outcome as PushOutcome)),
    })),
    invite: {
      grantHash: toHex(grant),
      lifetimeS: 3600,
      bytes: toHex(encodeInvite({ grantHash: grant, lifetimeS: 3600 })),
    },
    nameplate: { nameplate: 4711, bytes: toHex(encodeNameplate(4711)) },
    ...chainBodies(),
  };
}

function chainBodies(): object {
  const head = { seqno: 7, hash: run(1, 32) };
  const account = parseAccountId(run(0x50, 16));
  const [links, box, seed] = [run(9, 70), run(0, 108), run(0, 76)];
  const record = { name: 'facts/00ff', revision: 3, bytes: run(5, 20) };
  return {
    chainPost: [
      { prev: null, links, boxes: [box], seeds: [] },
      { prev: head, links, boxes: [box, box], seeds: [seed] },
    ].map(({ prev, boxes, seeds }) => ({
      prev: prev && { seqno: prev.seqno, hash: toHex(prev.hash) },
      links: toHex(links),
      boxes: boxes.map(toHex),
      seeds: seeds.map(toHex),
      bytes: toHex(encodeChainPost({ prev, links, boxes, seeds })),
    })),
    chainGrant: { hash: toHex(run(3, 32)), bytes: toHex(run(3, 32)) },
    chainAsk: { bytes: '' },
    chainBoxesAsk: [0, 7].map((generation) => ({ generation, bytes: toHex(encodeChainBoxesAsk(generation)) })),
    chainPart: [
      { prev: null, links, seeds: [] },
      { prev: head, links, seeds: [seed] },
    ].map(({ prev, seeds }) => ({
      prev: prev && { seqno: prev.seqno, hash: toHex(prev.hash) },
      links: toHex(links),
      seeds: seeds.map(toHex),
      bytes: toHex(encodeChainPart({ prev, links, seeds })),
    })),
    chainHead: {
      account: toHex(account),
      seqno: head.seqno,
      hash: toHex(head.hash),
      bytes: toHex(encodeChainHead({ account, ...head })),
    },
    chainBoxes: [
      { box, seeds: [seed, seed] },
      { box: null, seeds: [] },
    ].map(({ box: own, seeds }) => ({
      box: own && toHex(own),
      seeds: seeds.map(toHex),
      bytes: toHex(encodeChainBoxes({ box: own, seeds })),
    })),
    chainWrite: [record, { ...record, bytes: run(0, 0) }, { ...record, name: 'm', revision: 0 }].map((each) => ({
      ...each,
      record: toHex(each.bytes),
      bytes: toHex(encodeChainWrite(each)),
    })),
    chainWritten: { revision: 9, bytes: toHex(encodeChainWritten(9)) },
    chainReadAsk: [0, record.revision].map((after) => ({ after, bytes: toHex(encodeChainReadAsk(after)) })),
    accountRecords: {
      latest: 9,
      records: [{ ...record, bytes: toHex(record.bytes) }],
      bytes: toHex(encodeAccountRecords({ latest: 9, records: [record] })),
    },
    accountData: {
      account: toHex(account),
      revision: 9,
      bytes: toHex(encodeAccountDataWord({ account, revision: 9 })),
    },
  };
}

/** Bodies about chains (31 to 38) that are not of their form, by what they would be of `bodies`. */
function invalidBodies(): unknown[] {
  const u16 = (value: number) => Uint8Array.of(value >> 8, value & 255);
  const u32 = (value: number) => concat(u16(value >>> 16), u16(value & 0xffff));
  const [hash, links, box, seed, none] = [run(1, 32), run(9, 70), run(0, 108), run(0, 76), u16(0)];
  const post = (prev: Uint8Array, of: Uint8Array, ...rest: Uint8Array[]) => concat(prev, u32(of.length), of, ...rest);
  const begins = new Uint8Array(36);
  const name = (text: string) => concat(Uint8Array.of(text.length), ascii(text));
  const row = (revision: number, text = 'facts/00ff', record = run(5, 20)) =>
    concat(u32(revision), name(text), u16(record.length), record);
  const refused = (number: number, reason: string) => concat(u16(number), u32(0), u32(8), name(reason));
  const bad: [of: string, name: string, bytes: Uint8Array][] = [
    ['chainPost', 'nothing', run(0, 0)],
    ['chainPost', 'zeros behind a seqno', post(concat(u32(1), new Uint8Array(32)), links, none, none)],
    ['chainPost', 'a hash behind seqno 0', post(concat(u32(0), hash), links, none, none)],
    ['chainPost', 'no link', post(begins, run(0, 0), none, none)],
    ['chainPost', 'links beyond the end', concat(begins, u32(71), links)],
    ['chainPost', 'a box too few', post(begins, links, u16(2), box, none)],
    ['chainPost', 'a box that is cut', post(begins, links, u16(1), box.subarray(1), none)],
    ['chainPost', 'a seed too few', post(begins, links, none, u16(2), seed)],
    ['chainPost', 'no count of seeds', post(begins, links, none)],
    ['chainPost', 'a byte more', post(begins, links, none, none, run(0, 1))],
    ['chainPart', 'a box', post(begins, links, u16(1), box, none)],
    ['chainPart', 'a seed too few', post(begins, links, none, u16(2), seed)],
    ['chainPart', 'a byte more', post(begins, links, none, none, run(0, 1))],
    ['chainGrant', '31 bytes', run(3, 31)],
    ['chainGrant', '33 bytes', run(3, 33)],
    ['chainAsk', 'a byte', run(0, 1)],
    ['chainHead', 'seqno 0', concat(run(0, 16), u32(0), hash)],
    ['chainHead', 'a byte too few', concat(run(0, 16), u32(1), hash.subarray(1))],
    ['chainHead', 'a byte more', concat(run(0, 16), u32(1), hash, run(0, 1))],
    ['chainBoxesAsk', 'three bytes', run(0, 3)],
    ['chainBoxes', 'two boxes', concat(u16(2), box, box, none)],
    ['chainBoxes', 'a box that is not there', concat(u16(1), none)],
    ['chainBoxes', 'a seed that is cut', concat(none, u16(1), seed.subarray(1))],
    ['chainBoxes', 'a byte more', concat(none, none, run(0, 1))],
    ['chainReadAsk', 'five bytes', run(0, 5)],
    ['accountRecords', 'a record too few', concat(u32(9), u16(2), row(3))],
    ['accountRecords', 'a record more than counted', concat(u32(9), u16(1), row(3), row(4))],
    ['accountRecords', 'revisions that do not rise', concat(u32(9), u16(2), row(3), row(3))],
    ['accountRecords', 'a revision beyond the latest', concat(u32(2), u16(1), row(3))],
    ['accountRecords', 'revision 0', concat(u32(9), u16(1), row(0))],
    ['accountRecords', 'a record without bytes', concat(u32(9), u16(1), row(3, 'm', run(0, 0)))],
    ['accountRecords', 'a record of 4,097 bytes', concat(u32(9), u16(1), row(3, 'm', new Uint8Array(4097)))],
    ['accountRecords', 'no name', concat(u32(9), u16(1), row(3, ''))],
    ['accountRecords', 'a name with a space', concat(u32(9), u16(1), row(3, 'a b'))],
    ['chainWrite', 'no name', concat(u32(0), name(''), run(5, 20))],
    ['chainWrite', 'a name of 65 characters', concat(u32(0), name('x'.repeat(65)), run(5, 20))],
    ['chainWrite', 'a name that is cut', concat(u32(0), Uint8Array.of(11), ascii('facts/00ff'))],
    ['chainWrite', 'nothing in place of nothing', concat(u32(0), name('m'))],
    ['chainWrite', 'a record of 4,097 bytes', concat(u32(3), name('m'), new Uint8Array(4097))],
    ['chainWritten', 'nothing', run(0, 0)],
    ['accountData', '19 bytes', run(0, 19)],
    ['accountData', '21 bytes', run(0, 21)],
    ['refusal', 'no reason', refused(30, '')],
    ['refusal', 'a reason of 65 characters', refused(30, 'x'.repeat(65))],
    ['refusal', 'a reason with a space', refused(30, 'a b')],
    ['refusal', 'a reason that is cut', refused(30, 'wrong-prev').subarray(0, -1)],
    ['refusal', 'a bad-chain without a link', refused(30, 'x').subarray(0, 6)],
    ['refusal', 'another error with a link', refused(31, 'wrong-prev')],
  ];
  return bad.map(([of, what, bytes]) => ({ of, name: what, code: 'bad-frame', bytes: toHex(bytes) }));
}

function errors(): unknown[] {
  const refusal = { reason: 'wrong-prev', seqno: 8 };
  return Object.entries(relayErrors).map(([code, row]) => ({
    code,
    ...row,
    ...(code === 'bad-chain' && { refusal }),
    bytes: toHex(
      encodeRelayError({
        code: code as RelayErrorCode,
        retryAfterMs: 1500,
        refusal: code === 'bad-chain' ? refusal : null,
      }),
    ),
  }));
}
