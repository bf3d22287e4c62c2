import { PalmkeyError } from '@palmkey/envelope';

/**
 * Why the account is not moved to a relay: the address is none (`bad-address`) or the present one (`already-there`), what
 * answers there is none (`not-a-relay`) or nothing answers (`unreachable`), it shows another chain (`other-account`,
 * `forked`, `bad-chain`) or does not keep what it is given (`rolled-back`), this device has not all it takes (`no-key`,
 * `joined-late`), or the relay was not looked at (`not-looked-at`).
 */
export type MovingErrorCode =
  | 'bad-address'
  | 'already-there'
  | 'not-a-relay'
  | 'unreachable'
  | 'other-account'
  | 'forked'
  | 'bad-chain'
  | 'rolled-back'
  | 'no-key'
  | 'joined-late'
  | 'not-looked-at';

/** The account stays where it is. */
export class MovingError extends PalmkeyError {
  override readonly name = 'MovingError';
  readonly code: MovingErrorCode;

  constructor(code: MovingErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}
