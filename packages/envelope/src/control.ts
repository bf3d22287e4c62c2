import {
  parseAgreementPublicKey,
  parseConnectNonce,
  parseDeviceId,
  parseGrant,
  parseSignature,
  parseSigningPublicKey,
  type AgreementPublicKey,
  type ConnectNonce,
  type DeviceId,
  type Grant,
  type Signature,
  type SigningPublicKey,
} from './brand.ts';
import { ascii, concat } from './bytes.ts';
import { expectLength, isPrintable } from './body-form.ts';
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

/** What a device's sign-in signature is over, context `relay-sign-in`: `u8 1 ‖ the relay's nonce ‖ DeviceId ‖ origin`. */
export function signInMessage(nonce: ConnectNonce, deviceId: DeviceId, origin: string): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(CONNECT_VERSION), nonce, deviceId, ascii(origin));
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

function isOriginText(bytes: Uint8Array): boolean {
  return isPrintable(bytes, MAX_ORIGIN_BYTES);
}
