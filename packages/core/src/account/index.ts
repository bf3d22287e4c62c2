/**
 * An account as its devices have it (spec/account.md): what members keep and share, what they do on the chain, and how a
 * device follows it. Pure.
 */
export { type Actor, type ChainAct, chainPost } from './act.ts';
export { type BegunAccount, beginAccount } from './begin-account.ts';
export { ChainFollower, type FollowerDeps } from './chain-follower.ts';
export type {
  CaughtUp,
  ChainFeed,
  ChainNote,
  ChainShelf,
  RefusedChain,
  SavedChain,
  SignedPlace,
  ToldHead,
} from './chain-follower-ports.ts';
export { type AskedHost, consentToHost, enlistHost, type HostOffer, offerHost } from './enlist-host.ts';
export { factsRecordName, openFactsRecord, sealFactsRecord } from './facts-record.ts';
export { type HistoryRing, linesOfRing, recordOfTurn, withLines } from './history-ring.ts';
export { joinByPhrase, type JoinByPhraseAct } from './join-by-phrase.ts';
export { leaveAccount } from './leave-account.ts';
export {
  type AccountMove,
  checkMove,
  MAX_MOVE_NOTICE_BYTES,
  MOVE_RECORD,
  openMoveRecord,
  parseMove,
  sealMoveRecord,
  signMove,
} from './move-notice.ts';
export {
  HISTORY_CHUNKS,
  type MemberRecord,
  type MemberRecordKind,
  type MemberRecordName,
  memberRecordName,
  openMemberRecord,
  parseMemberRecordName,
  sealMemberRecord,
} from './member-record.ts';
export {
  addPaperKey,
  type PaperKeyAct,
  type PaperKeyNaming,
  type ReplacedPaperKey,
  replacePaperKey,
} from './paper-key.ts';
export {
  allowedNow,
  endedBy,
  givenBy,
  KEEP_ENDING_MS,
  mergePermissions,
  noPermissions,
  type PermissionsState,
  withoutOldEndings,
} from './permissions-merge.ts';
export { perUserKeysOnChain } from './per-user-keys-on-chain.ts';
export { type RevokeAct, revokeDevices } from './revoke-devices.ts';
export { encodeHistoryChunk, type HistoryChunk, parseHistoryChunk, type SharedLine } from './shared-history.ts';
export {
  encodeSharedEndings,
  encodeSharedPermissions,
  MAX_SHARED_ENDINGS,
  MAX_SHARED_PERMISSIONS,
  parseSharedEndings,
  parseSharedPermissions,
  type SharedEnding,
  type SharedPermission,
} from './shared-permissions.ts';
export { accountDataGeneration, openAccountData, sealAccountData } from './account-data.ts';
export {
  type DeviceFacts,
  type DeviceKind,
  deviceKinds,
  encodeDeviceFacts,
  factsHash,
  foldName,
  isAccountDeviceName,
  newSaltedFacts,
  parseSaltedFacts,
  type SaltedFacts,
  takenName,
} from './device-facts.ts';
export {
  DeviceFactsError,
  EnlistError,
  type EnlistErrorCode,
  FollowError,
  type FollowErrorCode,
  PassphraseError,
  type PassphraseErrorCode,
  MoveError,
  type MoveErrorCode,
  PerUserKeyError,
  type PerUserKeyErrorCode,
  RecoveryPhraseError,
  type RecoveryPhraseErrorCode,
} from './errors.ts';
export {
  lockKeyFile,
  openKeyFile,
  parseLockedKeyFile,
  type LockedKeyFile,
  type UnlockedKeyFile,
  unlockKeyFile,
} from './passphrase-lock.ts';
export {
  CARRIED_STREAM_BYTES,
  encodePassphraseStream,
  keyFileKey,
  newPassphraseStream,
  parsePassphraseStream,
  type PassphraseStream,
  stretchPassphrase,
  wipePassphraseStream,
} from './passphrase-stream.ts';
export {
  MAX_PASSPHRASE_BYTES,
  MIN_PASSPHRASE_CHARACTERS,
  type PassphraseStrength,
  passphraseStrength,
} from './passphrase-strength.ts';
export {
  newPerUserKey,
  parsePerUserSeed,
  PER_USER_SEED_BYTES,
  type PerUserKey,
  perUserKeyOf,
  type PerUserSeed,
  type PerUserSymmetricKey,
  type PublicPerUserKey,
} from './per-user-key.ts';
export {
  encodePerUserBox,
  encodePreviousSeed,
  importPerUserKeys,
  parsePerUserBox,
  parsePreviousSeed,
  PER_USER_BOX_BYTES,
  type PerUserBox,
  type PerUserKeysOnChain,
  PREVIOUS_SEED_BYTES,
  type PreviousSeed,
  sealPerUserBox,
  sealPreviousSeed,
} from './per-user-key-records.ts';
export {
  newRecoveryPhrase,
  paperKeys,
  parseRecoveryPhrase,
  RECOVERY_WORDS,
  type RecoveryPhrase,
} from './recovery-phrase.ts';
