/** What the relay reads: frames, control bodies, error bodies, and the two spellings of bytes in text. */
import {
  BytesError,
  concat,
  encodeAdmitted,
  encodeAuthenticate,
  encodeChallenge,
  encodeFrame,
  encodeInvite,
  encodeNameplate,
  encodePushed,
  encodePushRegister,
  encodeRelayError,
  encodeRendezvousClose,
  encodeResume,
  coalescingKeyOf,
  faultOf,
  FrameError,
  fromBase64Url,
  fromHex,
  isDurable,
  lifetimeOf,
  numberOf,
  parseAdmitted,
  parseAuthenticate,
  parseChallenge,
  parseForgetDevice,
  parseFrame,
  parseInvite,
  parseNameplate,
  parsePushed,
  parsePushRegister,
  parseRelayError,
  parseRendezvousClose,
  parseRendezvousOpen,
  parseResume,
  peerOf,
  toBase64Url,
  toHex,
} from '@palmkey/envelope';
import { fixedBytes } from '../keys.ts';
import { ofText, type Target, utf8 } from '../target.ts';
import { frameVectors } from '../vectors.ts';

const bytesOf = (vectors: readonly { readonly bytes: Uint8Array }[]) => vectors.map(({ bytes }) => bytes);
const texts = (text: (bytes: Uint8Array) => string) =>
  [0, 1, 2, 3, 32, 64].map((length) => utf8(text(concat(fixedBytes('a'), fixedBytes('b')).slice(0, length))));

/** A frame, and with it what the relay reads of one without taking it apart. */
function parsedFrame(bytes: Uint8Array): Uint8Array {
  const fault = faultOf(bytes);
  const frame = parseFrame(bytes);
  const inPlace = [numberOf(bytes), lifetimeOf(bytes), coalescingKeyOf(bytes), isDurable(bytes), toHex(peerOf(bytes))];
  const { number, lifetimeS, coalescingKey, durable, peer } = frame;
  if (fault !== undefined || inPlace.join() !== [number, lifetimeS, coalescingKey, durable, toHex(peer)].join()) {
    throw new Error('the header at its offsets differs from the parsed frame');
  }
  return encodeFrame(frame);
}

const bodies: readonly Target[] = [
  {
    name: 'challenge',
    kind: 'codec',
    seeds: [frameVectors.bodies.challenge.bytes],
    refusals: [FrameError],
    parse: (bytes) => encodeChallenge(parseChallenge(bytes)),
  },
  {
    name: 'authenticate',
    kind: 'codec',
    seeds: bytesOf(frameVectors.bodies.authenticate),
    refusals: [FrameError],
    parse: (bytes) => encodeAuthenticate(parseAuthenticate(bytes)),
  },
  {
    name: 'admitted',
    kind: 'codec',
    seeds: [frameVectors.bodies.admitted.bytes],
    refusals: [FrameError],
    parse: (bytes) => encodeAdmitted(parseAdmitted(bytes)),
  },
  {
    name: 'rendezvous-open',
    kind: 'codec',
    seeds: [fixedBytes('rendezvous')],
    refusals: [FrameError],
    parse: parseRendezvousOpen,
  },
  {
    name: 'rendezvous-close',
    kind: 'codec',
    seeds: bytesOf(frameVectors.bodies.rendezvousClose),
    refusals: [FrameError],
    parse: (bytes) => {
      const { id, keep } = parseRendezvousClose(bytes);
      return encodeRendezvousClose(id, keep);
    },
  },
  {
    name: 'forget-device',
    kind: 'codec',
    seeds: [fixedBytes('device').slice(0, 16)],
    refusals: [FrameError],
    parse: parseForgetDevice,
  },
  {
    name: 'resume',
    kind: 'codec',
    seeds: bytesOf(frameVectors.bodies.resume),
    refusals: [FrameError],
    parse: (bytes) => encodeResume(parseResume(bytes)),
  },
  {
    name: 'push-register',
    kind: 'codec',
    seeds: [frameVectors.bodies.pushRegister.bytes],
    refusals: [FrameError],
    parse: (bytes) => encodePushRegister(parsePushRegister(bytes)),
  },
  {
    name: 'pushed',
    kind: 'codec',
    seeds: bytesOf(frameVectors.bodies.pushed),
    refusals: [FrameError],
    parse: (bytes) => encodePushed(parsePushed(bytes)),
  },
  {
    name: 'invite',
    kind: 'codec',
    seeds: [frameVectors.bodies.invite.bytes],
    refusals: [FrameError],
    parse: (bytes) => encodeInvite(parseInvite(bytes)),
  },
  {
    name: 'nameplate',
    kind: 'codec',
    seeds: [frameVectors.bodies.nameplate.bytes],
    refusals: [FrameError],
    parse: (bytes) => encodeNameplate(parseNameplate(bytes)),
  },
  {
    name: 'relay-error',
    kind: 'codec',
    seeds: bytesOf(frameVectors.errors),
    refusals: [FrameError],
    parse: (bytes) => encodeRelayError(parseRelayError(bytes)),
  },
];

export const envelopeTargets: readonly Target[] = [
  { name: 'frame', kind: 'codec', seeds: bytesOf(frameVectors.frames), refusals: [FrameError], parse: parsedFrame },
  ...bodies,
  {
    name: 'hex',
    kind: 'codec',
    seeds: texts(toHex),
    refusals: [BytesError],
    parse: ofText((text) => toHex(fromHex(text))),
  },
  {
    name: 'base64url',
    kind: 'codec',
    seeds: texts(toBase64Url),
    refusals: [BytesError],
    parse: ofText((text) => toBase64Url(fromBase64Url(text))),
  },
];
