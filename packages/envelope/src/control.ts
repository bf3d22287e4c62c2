import {
  parseAgreementPublicKey,
  parseConnectNonce,
  parseDeviceId,
  parseGrant,
  parseRendezvousId,
  parseSignature,
  parseSigningPublicKey,
  type AgreementPublicKey,
  type ConnectNonce,
  type DeviceId,
  type Grant,
  type RendezvousId,
  type Signature,
  type SigningPublicKey,
} from './brand.ts';
import { ascii, concat } from './bytes.ts';
import { FrameError } from './frame.ts';

/** The version that a challenge and the signature over it carry. */
const CONNECT_VERSION = 1;
/**
 * Which version of spec/relay.md a relay speaks, in the `number` of its admission; 0 there stands for 1, which knows
 * neither mailboxes nor push. The `coalescing key` of an admission of version 2 is the epoch of its mail.
 */
export const RELAY_PROTOCOL = 2;
/** The longest origin that an authentication may carry. */
const MAX_ORIGIN_BYTES = 512;
const AUTHENTICATE_FIXED_BYTES = 32 + 32 + 32 + 64 + 1;

/** What a device shows to be let in (type 17). */
export interface Authenticate {
  readonly clientNonce: ConnectNonce;
  readonly signingKey: SigningPublicKey;
  readonly agreementKey: AgreementPublicKey;
  /** Over {@link connectMessage}, context `relay-connect`. */
  readonly signature: Signature;
  /** What lets it in, for a device the relay does not know yet. */
  readonly grant?: Grant;
  /** The URL origin that the device dialled. */
  readonly origin: string;
}

/** What the relay says to a device that is in (type 18). */
export interface Admitted {
  readonly deviceId: DeviceId;
  readonly maxBodyBytes: number;
  /** The relay's clock, ms since 1970 UTC. */
  readonly relayTime: number;
}

/** What a device's connect signature is over: `u8 1 ‖ server nonce ‖ client nonce ‖ DeviceId ‖ origin`. */
export function connectMessage(
  serverNonce: ConnectNonce,
  clientNonce: ConnectNonce,
  deviceId: DeviceId,
  origin: string,
): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(CONNECT_VERSION), serverNonce, clientNonce, deviceId, ascii(origin));
}

/** The body of a challenge (type 16): `u8 1 ‖ server nonce`, 33 bytes. */
export function encodeChallenge(serverNonce: ConnectNonce): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(CONNECT_VERSION), serverNonce);
}

/** The server nonce of a challenge; throws {@link FrameError}, `unsupported-version` for another version. */
export function parseChallenge(body: Uint8Array): ConnectNonce {
  if (body.length > 0 && body[0] !== CONNECT_VERSION) {
    throw new FrameError('unsupported-version', 'a challenge of another version');
  }
  expectLength(body, 33);
  return parseConnectNonce(body.subarray(1));
}

/** The body of an authentication (type 17): 161 bytes, the grant (0 or 32), the origin. Throws on a bad origin. */
export function encodeAuthenticate(value: Authenticate): Uint8Array<ArrayBuffer> {
  const grant = value.grant ?? new Uint8Array(0);
  const origin = ascii(value.origin);
  if (!isOriginText(origin)) throw new FrameError('bad-frame', 'an origin that cannot be sent');
  return concat(
    value.clientNonce,
    value.signingKey,
    value.agreementKey,
    value.signature,
    Uint8Array.of(grant.length),
    grant,
    origin,
  );
}

/** Reads an authentication; its signature is not judged here. Throws {@link FrameError}. */
export function parseAuthenticate(body: Uint8Array): Authenticate {
  const grantBytes = body[AUTHENTICATE_FIXED_BYTES - 1];
  if (grantBytes !== 0 && grantBytes !== 32) throw new FrameError('bad-frame', 'an authentication cut short');
  const originAt = AUTHENTICATE_FIXED_BYTES + grantBytes;
  const origin = body.subarray(originAt);
  if (body.length < originAt || !isOriginText(origin)) throw new FrameError('bad-frame', 'an authentication cut short');
  return {
    clientNonce: parseConnectNonce(body.subarray(0, 32)),
    signingKey: parseSigningPublicKey(body.subarray(32, 64)),
    agreementKey: parseAgreementPublicKey(body.subarray(64, 96)),
    signature: parseSignature(body.subarray(96, 160)),
    ...(grantBytes === 32 && { grant: parseGrant(body.subarray(AUTHENTICATE_FIXED_BYTES, originAt)) }),
    origin: String.fromCharCode(...origin),
  };
}

/** The body of an admission (type 18): `DeviceId ‖ u32 largest body ‖ u64 relay's time`, 28 bytes. */
export function encodeAdmitted(value: Admitted): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  bytes.set(value.deviceId);
  view.setUint32(16, value.maxBodyBytes);
  view.setBigUint64(20, BigInt(value.relayTime));
  return bytes;
}

/** Reads an admission; throws {@link FrameError}. */
export function parseAdmitted(body: Uint8Array): Admitted {
  expectLength(body, 28);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const relayTime = Number(view.getBigUint64(20));
  if (!Number.isSafeInteger(relayTime)) throw new FrameError('bad-frame', 'a time beyond all clocks');
  return { deviceId: parseDeviceId(body.subarray(0, 16)), maxBodyBytes: view.getUint32(16), relayTime };
}

/** Reads the body of a rendezvous-open (type 20), 32 bytes; throws {@link FrameError}. Its encoding is the id. */
export function parseRendezvousOpen(body: Uint8Array): RendezvousId {
  expectLength(body, 32);
  return parseRendezvousId(body);
}

/**
 * The body of a rendezvous-close (type 21): `id ‖ u8 n ‖ DeviceId (n: 0 or 16)`, 33 or 49 bytes. `keep` is the device
 * whose admission stays, null for none.
 */
export function encodeRendezvousClose(id: RendezvousId, keep: DeviceId | null): Uint8Array<ArrayBuffer> {
  const kept = keep ?? new Uint8Array(0);
  return concat(id, Uint8Array.of(kept.length), kept);
}

/** Reads a rendezvous-close; throws {@link FrameError}. */
export function parseRendezvousClose(body: Uint8Array): { readonly id: RendezvousId; readonly keep: DeviceId | null } {
  const keptBytes = body[32];
  if (keptBytes !== 0 && keptBytes !== 16) throw new FrameError('bad-frame', 'neither kept nor dropped');
  expectLength(body, 33 + keptBytes);
  const keep = keptBytes === 0 ? null : parseDeviceId(body.subarray(33));
  return { id: parseRendezvousId(body.subarray(0, 32)), keep };
}

/** Reads the body of a forget-device (type 23), 16 bytes; throws {@link FrameError}. Its encoding is the id. */
export function parseForgetDevice(body: Uint8Array): DeviceId {
  expectLength(body, 16);
  return parseDeviceId(body);
}

/** Where a device's mail goes on: the relay's epoch that it last read in, and the last delivery that it is done with. */
export interface Resume {
  /** From the `coalescing key` of an admission; below 2^53. */
  readonly epoch: number;
  /** 0 for nothing yet; below 2^53. */
  readonly cursor: number;
}

/** The body of a resume (type 24): `u64 epoch ‖ u64 cursor`, 16 bytes. */
export function encodeResume({ epoch, cursor }: Resume): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(epoch));
  view.setBigUint64(8, BigInt(cursor));
  return bytes;
}

/** Reads a resume; throws {@link FrameError}. */
export function parseResume(body: Uint8Array): Resume {
  expectLength(body, 16);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [epoch, cursor] = [Number(view.getBigUint64(0)), Number(view.getBigUint64(8))];
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(cursor)) throw new FrameError('bad-frame', 'too large');
  return { epoch, cursor };
}

/** The longest address of a push service. */
export const MAX_PUSH_ENDPOINT_BYTES = 1024;
/** The longest preview that a push carries: what RFC 8291 leaves of the 4 KiB that push services take, with room. */
export const MAX_PUSH_BYTES = 3072;

/** Where a device is reached when it is not connected (RFC 8030; the keys as in RFC 8291). */
export interface PushRegistration {
  /** An `https:` URL, ASCII, at most 1,024 bytes. */
  readonly endpoint: string;
  /** The subscription's P-256 public key, uncompressed, 65 bytes. */
  readonly p256dh: Uint8Array;
  /** The subscription's authentication secret, 16 bytes. */
  readonly auth: Uint8Array;
}

/** The body of a push-register (type 25): `p256dh (65) ‖ auth (16) ‖ endpoint (rest, ASCII)`, or nothing to end it. */
export function encodePushRegister(registration: PushRegistration | null): Uint8Array<ArrayBuffer> {
  if (registration === null) return new Uint8Array(0);
  const body = concat(registration.p256dh, registration.auth, ascii(registration.endpoint));
  parsePushRegister(body);
  return body;
}

/** Reads a push-register; null where it ends the registration. Throws {@link FrameError}. */
export function parsePushRegister(body: Uint8Array): PushRegistration | null {
  if (body.length === 0) return null;
  const endpoint = body.subarray(81);
  if (body[0] !== 4 || !isPrintable(endpoint, MAX_PUSH_ENDPOINT_BYTES))
    throw new FrameError('bad-frame', 'no subscription');
  const text = String.fromCharCode(...endpoint);
  if (!text.startsWith('https://')) throw new FrameError('bad-frame', 'a push service is reached by https');
  return { endpoint: text, p256dh: body.slice(0, 65), auth: body.slice(65, 81) };
}

/** What became of a push, by the number that stands for it in a `pushed` (type 27). */
export const pushOutcomes = {
  /** It is connected: nothing was pushed. */
  connected: 0,
  /** The push service has it. */
  handed: 1,
  /** The device has not registered for push, or its registration is dead and was removed. */
  'no-registration': 2,
  /** The push service said no. */
  refused: 3,
  /** The push service could not be reached. */
  unreachable: 4,
} as const;
export type PushOutcome = keyof typeof pushOutcomes;

/** The body of a pushed (type 27): `u8 outcome`. */
export function encodePushed(outcome: PushOutcome): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(pushOutcomes[outcome]);
}

/** Reads a pushed; throws {@link FrameError}. */
export function parsePushed(body: Uint8Array): PushOutcome {
  expectLength(body, 1);
  const [outcome] = Object.entries(pushOutcomes).find(([, number]) => number === body[0]) ?? [];
  if (outcome === undefined) throw new FrameError('bad-frame', 'an outcome without a name');
  return outcome as PushOutcome;
}

/** An invitation, as the relay is told of it. */
export interface Invite {
  /** SHA-256 of the {@link Grant} that the invited device will show, 32 bytes: the relay does not learn it before. */
  readonly grantHash: Uint8Array;
  /** How long it is good, seconds, 1 to 7 days. */
  readonly lifetimeS: number;
}

/** The longest that an invitation by a device is good, seconds. */
export const MAX_INVITE_LIFETIME_S = 7 * 24 * 3600;

/** The body of an invite (type 28): `grant hash (32) ‖ u32 lifetime, s`. */
export function encodeInvite({ grantHash, lifetimeS }: Invite): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(36);
  bytes.set(grantHash);
  new DataView(bytes.buffer).setUint32(32, lifetimeS);
  parseInvite(bytes);
  return bytes;
}

/** Reads an invite; throws {@link FrameError}. */
export function parseInvite(body: Uint8Array): Invite {
  expectLength(body, 36);
  const lifetimeS = new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(32);
  if (lifetimeS < 1 || lifetimeS > MAX_INVITE_LIFETIME_S) throw new FrameError('bad-frame', 'a lifetime out of bounds');
  return { grantHash: body.slice(0, 32), lifetimeS };
}

/** The answer to a nameplate-allocate (whose body is the rendezvous id), in the body of its `done`: `u32 nameplate`. */
export function encodeNameplate(nameplate: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, nameplate);
  return bytes;
}

/** Reads a nameplate; throws {@link FrameError}. */
export function parseNameplate(body: Uint8Array): number {
  expectLength(body, 4);
  return new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(0);
}

function isOriginText(bytes: Uint8Array): boolean {
  return isPrintable(bytes, MAX_ORIGIN_BYTES);
}

/** Printable ASCII without spaces, at least one character. */
function isPrintable(bytes: Uint8Array, maxBytes: number): boolean {
  return bytes.length > 0 && bytes.length <= maxBytes && bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}

function expectLength(body: Uint8Array, length: number): void {
  if (body.length !== length) throw new FrameError('bad-frame', `a body of ${body.length} bytes, not ${length}`);
}
