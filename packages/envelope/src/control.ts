import {
  parseAgreementPublicKey,
  parseConnectNonce,
  parseDeviceId,
  parseRendezvousId,
  parseSignature,
  parseSigningPublicKey,
  type AgreementPublicKey,
  type ConnectNonce,
  type DeviceId,
  type RendezvousId,
  type Signature,
  type SigningPublicKey,
} from './brand.ts';
import { ascii, concat } from './bytes.ts';
import { FrameError } from './frame.ts';

/** The version that a challenge and the signature over it carry. */
const CONNECT_VERSION = 1;
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
  /** The rendezvous that lets it in, for a device the relay does not know yet. */
  readonly grant?: RendezvousId;
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
    ...(grantBytes === 32 && { grant: parseRendezvousId(body.subarray(AUTHENTICATE_FIXED_BYTES, originAt)) }),
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

/** Printable ASCII without spaces, at least one character. */
function isOriginText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.length <= MAX_ORIGIN_BYTES && bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}

function expectLength(body: Uint8Array, length: number): void {
  if (body.length !== length) throw new FrameError('bad-frame', `a body of ${body.length} bytes, not ${length}`);
}
