/** All that the relay can see: ids, frames, control bodies, limits, errors. Depends on nothing (spec/envelope.md). */
export type {
  AccountId,
  AgreementPublicKey,
  Brand,
  ConnectNonce,
  DeviceId,
  Grant,
  RendezvousId,
  RendezvousSender,
  SealedBody,
  Signature,
  SigningPublicKey,
} from './brand.ts';
export {
  parseAccountId,
  parseAgreementPublicKey,
  parseConnectNonce,
  parseDeviceId,
  parseGrant,
  parseRendezvousId,
  parseRendezvousSender,
  parseSignature,
  parseSigningPublicKey,
  sealedBody,
} from './brand.ts';
export { isUsableAgreementKey } from './agreement-key.ts';
export { ascii, concat, equal, fromBase64Url, fromHex, toBase64Url, toHex } from './bytes.ts';
export { DEVICE_ID_BYTES, deviceIdPreimage } from './device-id.ts';
export { isWellFormedSignature } from './ed25519-form.ts';
export { BytesError, PalmkeyError } from './errors.ts';
export type { PalmkeyErrorOptions } from './errors.ts';
export {
  INVITATION_RANDOM_BYTES,
  invitationCodeOf,
  invitationIn,
  invitationLink,
  invitationGrantPreimage,
  parseInvitationCode,
} from './invitation-code.ts';
export { signedBytes } from './signed-bytes.ts';
export type { SignatureContext } from './signed-bytes.ts';
export {
  connectMessage,
  encodeAdmitted,
  encodeAuthenticate,
  encodeChallenge,
  parseAdmitted,
  parseAuthenticate,
  parseChallenge,
  RELAY_PROTOCOL,
  signInMessage,
} from './control.ts';
export type { Admitted, Authenticate } from './control.ts';
export {
  encodeInvite,
  encodeNameplate,
  encodeRendezvousClose,
  encodeResume,
  MAX_INVITE_LIFETIME_S,
  parseForgetDevice,
  parseInvite,
  parseNameplate,
  parseRendezvousClose,
  parseRendezvousOpen,
  parseResume,
} from './orders.ts';
export type { Invite, Resume } from './orders.ts';
export {
  CHAIN_BOX_BYTES,
  CHAIN_SEED_BYTES,
  chainBoxHead,
  chainSeedGeneration,
  encodeAccountDataWord,
  encodeAccountRecords,
  encodeChainBoxes,
  encodeChainBoxesAsk,
  encodeChainHead,
  encodeChainPart,
  encodeChainPost,
  encodeChainReadAsk,
  encodeChainWrite,
  encodeChainWritten,
  MAX_RECORD_BYTES,
  MAX_RECORD_NAME_BYTES,
  parseAccountDataWord,
  parseAccountRecords,
  parseChainAnswer,
  parseChainBoxes,
  parseChainBoxesAsk,
  parseChainGrant,
  parseChainHead,
  parseChainPart,
  parseChainPost,
  parseChainReadAsk,
  parseChainWrite,
  parseChainWritten,
} from './chain-orders.ts';
export type {
  AccountDataWord,
  AccountRecord,
  AccountRecords,
  ChainBoxes,
  ChainBoxHead,
  ChainHead,
  ChainPart,
  ChainPost,
} from './chain-orders.ts';
export {
  encodePushed,
  encodePushRegister,
  MAX_PUSH_BYTES,
  MAX_PUSH_ENDPOINT_BYTES,
  parsePushed,
  parsePushRegister,
  pushOutcomes,
} from './push.ts';
export type { PushOutcome, PushRegistration } from './push.ts';
export {
  coalescingKeyOf,
  encodeControlFrame,
  encodeFrame,
  faultOf,
  FRAME_VERSION,
  FrameError,
  FrameType,
  HEADER_BYTES,
  HEADER_FIELDS,
  isDurable,
  lifetimeOf,
  MAX_BODY_BYTES,
  NOBODY,
  numberOf,
  overwriteDelivery,
  overwritePeer,
  parseFrame,
  peerOf,
} from './frame.ts';
export type { Frame, FrameFault } from './frame.ts';
export { encodeRelayError, isRelayErrorCode, parseRelayError, RelayError, relayErrors } from './relay-error.ts';
export type { LinkRefusal, RelayErrorBody, RelayErrorCode, Retry } from './relay-error.ts';
