/** What members of an account keep and share (spec/account.md): per-user key, facts, recovery phrase. Pure. */
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
  PerUserKeyError,
  type PerUserKeyErrorCode,
  RecoveryPhraseError,
  type RecoveryPhraseErrorCode,
} from './errors.ts';
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
