/** Vectors for spec/envelope.md, "Outside", and the bodies of spec/relay.md: `frame.json`. */
import {
  connectMessage,
  encodeAccountDataWord,
  encodeAccountRecords,
  encodeAdmitted,
  encodeAuthenticate,
  encodeChainBoxes,
  encodeChainHead,
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
const vectors = { frames: frames(), invalidFrames: invalidFrames(), bodies: bodies(), errors: errors() };
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
    ...[0, 7, 15, 19, 39, 255].map((type): [string, string, Uint8Array] => [
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
    chainWrite: { ...record, bytes: toHex(encodeChainWrite(record)), record: toHex(record.bytes) },
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
