/** Why a session does not do what a person asks of it. */
import { PalmkeyError } from '@palmkey/envelope';

/** There are as many user keys as a phone may have. */
export class TooManyKeysError extends PalmkeyError {
  override readonly name = 'TooManyKeysError';
  readonly code = 'too-many-keys';
}

/** It cannot be answered from a notification, only in the app. */
export class NotFromNoticeError extends PalmkeyError {
  override readonly name = 'NotFromNoticeError';
  readonly code = 'not-from-notice';
}

/** What joining became is not certain yet: this may be a device of another account already. */
export class UncertainError extends PalmkeyError {
  override readonly name = 'UncertainError';
  readonly code = 'not-posted';
}

/** What was asked for cannot be done now: before the first run, or while another tab answers. */
export class NotReadyError extends PalmkeyError {
  override readonly name = 'NotReadyError';
  readonly code = 'not-ready';
}

/** The app is locked: nothing of it can be used before it is opened. */
export class LockedError extends PalmkeyError {
  override readonly name = 'LockedError';
  readonly code = 'locked';
}
