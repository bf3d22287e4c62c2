import { DeviceFactsError, FollowError } from '@palmkey/core/account';
import { BytesError, FrameError, PalmkeyError, RelayError } from '@palmkey/envelope';
import { RelayClientError } from '@palmkey/relay-client';
import type { AccountAlarmCode } from '../../model/account-view.ts';
import { NotConnectedError } from '../until-admitted.ts';

/**
 * Why nothing can be done on the account now: an alarm's code, `removed` (this device is out of it), `not-connected` (its
 * relay is not reached), `moved` (it is at another relay, to which this device is on its way), `no-key` (the latest per-user key is not here yet), `no-words` (none were made).
 */
export type AccountErrorCode = AccountAlarmCode | 'removed' | 'not-connected' | 'moved' | 'no-key' | 'no-words';

/** Nothing was done on the account. */
export class AccountError extends PalmkeyError {
  override readonly name = 'AccountError';
  readonly code: AccountErrorCode;

  constructor(code: AccountErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** Whether it is about the relay, or the way to it: nothing is said about the chain by it. */
export function isOfRelay(error: unknown): boolean {
  return (
    error instanceof RelayError ||
    error instanceof RelayClientError ||
    error instanceof FrameError ||
    error instanceof BytesError ||
    error instanceof NotConnectedError
  );
}

/** Whether what could not be done on the chain now can be done later. */
export function isForLater(error: unknown): boolean {
  return isOfRelay(error) || [AccountError, DeviceFactsError, FollowError].some((type) => error instanceof type);
}
