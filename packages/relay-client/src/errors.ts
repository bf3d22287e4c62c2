import { PalmkeyError } from '@palmkey/envelope';

/** What went wrong on this side of a relay. */
export type RelayClientFault =
  /** There is no connection now, or it ended before the answer came. */
  | 'not-connected'
  /** The relay did not answer in time. */
  | 'no-answer'
  /** The client was closed. */
  | 'closed'
  /** What stands at the address does not answer as a relay does. */
  | 'not-a-relay';

/** Thrown where no relay's own error says what went wrong. */
export class RelayClientError extends PalmkeyError {
  override readonly name = 'RelayClientError';
  readonly code: RelayClientFault;

  constructor(code: RelayClientFault, cause?: unknown) {
    super(`relay client: ${code}`, { ...(cause !== undefined && { cause }), retryable: code !== 'closed' });
    this.code = code;
  }
}
