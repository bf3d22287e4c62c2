/** Who belongs: an account's links, their canonical form, and replay. Opens nothing and signs nothing (spec/account.md). */
export {
  eldestLink,
  hostSkeleton,
  laterLink,
  linkJson,
  type Offer,
  parseHostSkeleton,
  parseSibkeySkeleton,
  placeAfter,
  placeFollowing,
  sibkeySkeleton,
  signLink,
} from './build.ts';
export { parseChainFile, toChainFile } from './chain-file.ts';
export { type Addition, consent, isConsented } from './consent.ts';
export { ChainError, type ChainErrorCode, chainErrorCodes, ChainFormatError } from './errors.ts';
export {
  type ConsentedLink,
  type EldestLink,
  type FactsHash,
  type LaterLink,
  type Link,
  type LinkAuthor,
  type LinkContent,
  type LinkDevice,
  type LinkHash,
  type LinkPlace,
  MAX_ACTIVE_DEVICES,
  MAX_ACTIVE_MEMBERS,
  MAX_CHAIN_LINKS,
  MAX_LINK_BYTES,
  MAX_REVOKED_AT_ONCE,
  parseFactsHash,
  parseLinkHash,
  type PerUserKey,
  type SignedLink,
} from './link.ts';
export { decodeLinks, encodeLinks } from './link-codec.ts';
export { type ParsedLink, parseLink } from './link-json.ts';
export { checkPin, type HeadPlace, placeOfHead, replayPinned } from './pin.ts';
export type { ChainPrimitives, LinkSigner, MaybePromise, Sha256 } from './ports.ts';
export { replay } from './replay.ts';
export {
  type ChainDevice,
  type ChainMark,
  type ChainPerUserKey,
  ChainState,
  type DeviceKind,
  type Head,
  isMember,
  type RevokedDevice,
  type Standing,
} from './state.ts';
