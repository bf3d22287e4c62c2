import { PalmkeyError } from '@palmkey/envelope';

/** Why a per-user key was not taken over (spec/account.md, "The per-user key"). */
export type PerUserKeyErrorCode =
  | 'bad-format'
  | 'wrong-generation'
  | 'wrong-receiver'
  | 'wrong-sender'
  | 'unopenable'
  | 'wrong-key'
  /** A generation's previous seed is missing. */
  | 'missing-seed';

/** A record of a per-user key that is not what the account chain says. */
export class PerUserKeyError extends PalmkeyError {
  override readonly name = 'PerUserKeyError';
  readonly code: PerUserKeyErrorCode;
  /** The generation that it is about. */
  readonly generation: number;

  constructor(code: PerUserKeyErrorCode, generation: number, options?: ErrorOptions) {
    super(`per-user key ${generation}: ${code}`, options);
    this.code = code;
    this.generation = generation;
  }
}

/** Why typed words are no recovery phrase. */
export type RecoveryPhraseErrorCode = 'wrong-word-count' | 'unknown-word' | 'wrong-checksum';

/** Words that are no recovery phrase; it names positions, never words. */
export class RecoveryPhraseError extends PalmkeyError {
  override readonly name = 'RecoveryPhraseError';
  readonly code: RecoveryPhraseErrorCode;
  /** With `unknown-word`: which words, counted from 1. With `wrong-word-count`: none. */
  readonly positions: readonly number[];

  constructor(code: RecoveryPhraseErrorCode, positions: readonly number[] = []) {
    super(code === 'unknown-word' ? `words ${positions.join(', ')} are not in the list` : code);
    this.code = code;
    this.positions = positions;
  }
}

/** Facts of a device that are not those that its link promises, or whose name may not be used. */
export class DeviceFactsError extends PalmkeyError {
  override readonly name = 'DeviceFactsError';
  readonly code: 'wrong-facts' | 'bad-account-name' | 'name-taken';

  constructor(code: DeviceFactsError['code'], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** Why a computer did not agree to be added to an account, or what it sent is no consent (spec/account.md, "Types"). */
export type EnlistErrorCode =
  | 'bad-format'
  /** The link is of another account than the one that was named, or than the chain's. */
  | 'other-account'
  /** The link is not by the device that asks. */
  | 'other-signer'
  /** The link adds other keys than this computer's. */
  | 'other-device'
  /** The device that asks decides nothing in that account. */
  | 'not-a-member'
  /** The link does not stand at the end of the chain. */
  | 'wrong-place'
  | 'bad-consent';

/** A `host` link that is not to be signed. */
export class EnlistError extends PalmkeyError {
  override readonly name = 'EnlistError';
  readonly code: EnlistErrorCode;

  constructor(code: EnlistErrorCode, options?: ErrorOptions) {
    super(`a computer is not added: ${code}`, options);
    this.code = code;
  }
}

/** Why an account is not believed to have moved (spec/account.md, "Another relay"). */
export type MoveErrorCode =
  /** It is about another account. */
  | 'other-account'
  /** Who says it decides nothing in the account. */
  | 'not-a-member'
  | 'bad-signature'
  /** It is not newer than the last move that is known. */
  | 'not-newer'
  /** Its number is so far ahead that no later move could have one. */
  | 'too-far'
  /** It names a head that is not on the chain. */
  | 'forked';

/** A notice of a move that is not followed. */
export class MoveError extends PalmkeyError {
  override readonly name = 'MoveError';
  readonly code: MoveErrorCode;

  constructor(code: MoveErrorCode, options?: ErrorOptions) {
    super(`the account did not move: ${code}`, options);
    this.code = code;
  }
}

/** Why a chain is not followed, or a place on it not given. */
export type FollowErrorCode =
  /** The chain is another account's. */
  | 'other-account'
  /** The shelf failed: nothing has changed. */
  | 'not-kept'
  /** This device has signed another link there. */
  | 'already-signed'
  /** The chain does not end there. */
  | 'not-the-end'
  /** The caller gave up. */
  | 'cancelled';

/** A follower's own errors; what is wrong with links is a `ChainError`. */
export class FollowError extends PalmkeyError {
  override readonly name = 'FollowError';
  readonly code: FollowErrorCode;

  constructor(code: FollowErrorCode, options?: ErrorOptions) {
    super(`an account's chain: ${code}`, options);
    this.code = code;
  }
}

/** Why something that a passphrase locks is not open (spec/account.md, "The passphrase"). */
export type PassphraseErrorCode =
  /** It does not open: another passphrase, or bytes that were changed. */
  | 'wrong-passphrase'
  /** It is locked, and the passphrase was not given since. */
  | 'locked'
  /** Bytes that are no locked key file, or no carried stream. */
  | 'bad-format'
  /** A locked key file of a version that this program does not know. */
  | 'unsupported-version';

/** Keys that a passphrase locks and that are not open. */
export class PassphraseError extends PalmkeyError {
  override readonly name = 'PassphraseError';
  readonly code: PassphraseErrorCode;

  constructor(code: PassphraseErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}
