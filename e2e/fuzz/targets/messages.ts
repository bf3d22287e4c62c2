/** What travels between devices: contents, the layers of a sealed body, and whole bodies through the opener. */
import { boxKey, FormatError, OpenError, sealBox, sign } from '@palmkey/core/crypto';
import { parseDeviceName, publicDevice } from '@palmkey/core/devices';
import {
  type Content,
  encodeContent,
  isAllowed,
  MessageError,
  Opener,
  parseContent,
  parseStreamId,
  ReplayWindow,
  Sealer,
} from '@palmkey/core/messages';
import { encodeRequest, parseRequest, parseRequestHash, parseRequestId } from '@palmkey/core/requests';
import { equal } from '@palmkey/envelope';
import {
  encodeOutside,
  encodePlaintext,
  joinBody,
  parseBody,
  parsePlaintext,
} from '../../../packages/core/src/messages/layout.ts';
import { encodeSignedMap, parseSignedMap } from '../../../packages/core/src/messages/signed-map.ts';
import { nodePrimitives } from '../../../packages/host/src/keys/node-primitives.ts';
import { fixedBytes, fixedDevice, fixedPrimitives } from '../keys.ts';
import type { Target } from '../target.ts';
import { requestSamples } from './request-samples.ts';

const NOW = 1_800_000_000_000;
const clock = { now: () => NOW };
const [host, phone] = [fixedDevice('host'), fixedDevice('phone')];
const peer = {
  ...publicDevice(host.signer.publicKey, host.agreement.publicKey),
  name: parseDeviceName('laptop'),
  role: 'asks' as const,
};
const stream = parseStreamId(fixedBytes('stream').slice(0, 16));
const hash = parseRequestHash(fixedBytes('hash'));

const contents: readonly Content[] = [
  { kind: 'here', name: parseDeviceName('laptop'), software: '0.1.0', keys: null },
  { kind: 'here', name: parseDeviceName('Pixel'), software: '0.1.0', keys: [{ blob: fixedBytes('k'), comment: 'me' }] },
  { kind: 'ask', request: encodeRequest(requestSamples.ping) },
  { kind: 'received', hash },
  { kind: 'decision', hash, answer: { is: 'approve', signature: fixedBytes('signature') } },
  { kind: 'decision', hash, answer: { is: 'reject' } },
  { kind: 'decision', hash, answer: { is: 'refuse', code: 'clock-skew', skew: -900_001 } },
  { kind: 'decision', hash, answer: { is: 'refuse', code: 'busy', skew: null } },
  { kind: 'settled', hash, outcome: 'approved', by: phone.id },
  { kind: 'settled', hash, outcome: 'expired', by: null },
  { kind: 'preview', hash, of: { what: 'login', user: 'ada', server: { name: 'prod', port: 22 } } },
  { kind: 'preview', hash, of: { what: 'tag', subject: 'v1.0', repository: null } },
  { kind: 'unpair' },
];

/** The phone's opener; what it takes it takes every time, so that only what was changed can be refused. */
const opener = new Opener({
  primitives: nodePrimitives,
  device: phone,
  role: 'decides',
  peers: { find: (id) => (equal(id, peer.id) ? peer : undefined) },
  replay: { accept: () => 'new' },
  clock,
});

function signedMap(content: Content): Uint8Array {
  return encodeSignedMap({
    v: 1,
    from: host.id,
    to: [{ id: phone.id, n: 1 }],
    stream,
    sent: NOW,
    expires: NOW + 600_000,
    head: null,
    content: encodeContent(content),
  });
}

export async function messageTargets(): Promise<readonly Target[]> {
  const sealer = new Sealer({ primitives: fixedPrimitives('sealer'), device: host, clock, stream });
  const toPhone = publicDevice(phone.signer.publicKey, phone.agreement.publicKey);
  const toOther = publicDevice(fixedDevice('other').signer.publicKey, fixedDevice('other').agreement.publicKey);
  const bodies = [
    await sealer.seal([toPhone], { kind: 'ask', request: encodeRequest(requestSamples.ping) }),
    await sealer.seal([toPhone, toOther], { kind: 'unpair' }),
  ];
  const messageKey = fixedBytes('message key');
  const key = boxKey(await host.agreement.sharedSecret(phone.agreement.publicKey));
  const boxed = sealBox(key, fixedBytes('nonce').slice(0, 24), messageKey);
  const outside = encodeOutside(host.id, [{ recipient: phone.id, boxed }]);
  const iv = fixedBytes('iv').slice(0, 12);
  /** A body whose layers are all sound but for what is in the plaintext. */
  const sealedAround = async (plaintext: Uint8Array) =>
    joinBody(outside, iv, await nodePrimitives.aesGcmSeal(messageKey, iv, plaintext, outside));
  const signed = signedMap({ kind: 'unpair' });
  const plaintext = encodePlaintext(signed, await sign(host.signer, 'message', signed));

  return [
    {
      name: 'content',
      kind: 'codec',
      seeds: contents.map(encodeContent),
      refusals: [FormatError],
      parse: (bytes) => encodeContent(parseContent(bytes)),
    },
    {
      name: 'request',
      kind: 'codec',
      seeds: [
        requestSamples.ping,
        ...requestSamples.logins.slice(0, 2),
        ...requestSamples.commits.slice(2),
        requestSamples.file,
      ].map(encodeRequest),
      refusals: [FormatError],
      parse: (bytes) => encodeRequest(parseRequest(bytes)),
    },
    {
      name: 'request-ids',
      kind: 'codec',
      seeds: [fixedBytes('id').slice(0, 16), fixedBytes('hash')],
      refusals: [FormatError],
      parse: (bytes) => (bytes.length === 16 ? parseRequestId(bytes) : parseRequestHash(bytes)),
    },
    {
      name: 'signed-map',
      kind: 'codec',
      seeds: contents.slice(0, 4).map(signedMap),
      refusals: [FormatError],
      parse: (bytes) => encodeSignedMap(parseSignedMap(bytes)),
    },
    {
      name: 'body-layout',
      kind: 'codec',
      seeds: bodies,
      refusals: [OpenError],
      parse: (bytes) => {
        const { sender, wraps, iv: found, sealed } = parseBody(bytes);
        return joinBody(encodeOutside(sender, wraps), found, sealed);
      },
    },
    {
      name: 'body-plaintext',
      kind: 'codec',
      seeds: [plaintext],
      refusals: [OpenError],
      parse: (bytes) => {
        const parts = parsePlaintext(bytes);
        return encodePlaintext(parts.signed, parts.signature);
      },
    },
    {
      name: 'replay-window',
      kind: 'codec',
      seeds: [windowOf([]), windowOf([1, 2, 5]), windowOf([900, 1_924, 1_000])],
      refusals: [FormatError],
      parse: (bytes) => ReplayWindow.decode(bytes).encode(),
    },
    {
      name: 'sealed-body',
      kind: 'authenticated',
      share: 0.5,
      seeds: bodies,
      refusals: [MessageError],
      parse: async (bytes) => {
        await opener.open(bytes);
        return bytes;
      },
    },
    {
      name: 'sealed-body-plaintext',
      kind: 'authenticated',
      share: 0.5,
      seeds: [plaintext],
      refusals: [MessageError],
      parse: async (bytes) => {
        await opener.open(await sealedAround(bytes));
        return bytes;
      },
    },
    {
      // A paired computer that means harm: it signs and seals whatever it likes.
      name: 'sealed-body-signed',
      kind: 'codec',
      share: 0.5,
      seeds: contents.filter(({ kind }) => isAllowed(kind, 'asks', 'decides')).map(signedMap),
      refusals: [MessageError],
      parse: async (bytes) => {
        const fits = bytes.length <= 60_000;
        const body = fits ? encodePlaintext(bytes, await sign(host.signer, 'message', bytes)) : bytes;
        const { content } = await opener.open(await sealedAround(body));
        return encodeSignedMap({ ...parseSignedMap(bytes), content: encodeContent(content) });
      },
    },
  ];
}

function windowOf(counters: readonly number[]): Uint8Array {
  const window = new ReplayWindow();
  for (const counter of counters) window.accept(counter);
  return window.encode();
}
