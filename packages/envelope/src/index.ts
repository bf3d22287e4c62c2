/** All that the relay can see: ids, frames, control bodies, limits, errors. Depends on nothing (spec/envelope.md). */
export type {
  AgreementPublicKey,
  Brand,
  ConnectNonce,
  DeviceId,
  RendezvousId,
  RendezvousSender,
  SealedBody,
  Signature,
  SigningPublicKey,
} from './brand.ts';
export {
  parseAgreementPublicKey,
  parseConnectNonce,
  parseDeviceId,
  parseRendezvousId,
  parseRendezvousSender,
  parseSignature,
  parseSigningPublicKey,
  sealedBody,
} from './brand.ts';
export { ascii, concat, equal, fromBase64Url, fromHex, toBase64Url, toHex } from './bytes.ts';
export { DEVICE_ID_BYTES, deviceIdPreimage } from './device-id.ts';
export { isWellFormedSignature } from './ed25519-form.ts';
export { BytesError, PalmkeyError } from './errors.ts';
export type { PalmkeyErrorOptions } from './errors.ts';
export { signedBytes } from './signed-bytes.ts';
export type { SignatureContext } from './signed-bytes.ts';
export {
  connectMessage,
  encodeAdmitted,
  encodeAuthenticate,
  encodeChallenge,
  encodeRendezvousClose,
  parseAdmitted,
  parseAuthenticate,
  parseChallenge,
  parseForgetDevice,
  parseRendezvousClose,
  parseRendezvousOpen,
} from './control.ts';
export type { Admitted, Authenticate } from './control.ts';
export {
  encodeControlFrame,
  encodeFrame,
  faultOf,
  FRAME_VERSION,
  FrameError,
  FrameType,
  HEADER_BYTES,
  HEADER_FIELDS,
  MAX_BODY_BYTES,
  NOBODY,
  numberOf,
  overwritePeer,
  parseFrame,
  peerOf,
} from './frame.ts';
export type { Frame, FrameFault } from './frame.ts';
export { encodeRelayError, isRelayErrorCode, parseRelayError, RelayError, relayErrors } from './relay-error.ts';
export type { RelayErrorCode, Retry } from './relay-error.ts';
