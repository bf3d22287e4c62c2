import { PalmkeyError, type RelayErrorCode } from '@palmkey/envelope';

/** What went wrong on this side of a relay. */
export type RelayClientFault =
  /** There is no connection now, or it ended before the answer came. */
  | 'not-connected'
  /** The relay did not answer in time. */
  | 'no-answer'
  /** The client was closed. */
  | 'closed'
  /** What stands at the address does not answer as a relay does. */
  | 'not-a-relay'
  /** As many durable messages wait as the outbox holds. */
  | 'outbox-full'
  /** A durable message could not be stored, so it was not sent. */
  | 'not-kept';

/** Why nobody can count on a sent message: the relay's error, or what this side knows by itself. */
export type UndeliveredCode =
  | RelayErrorCode
  /** The connection ended before the message was settled, or the relay lost what it had taken: it may have come. */
  | 'unknown-outcome'
  /** It could not be stored, so it was not sent. */
  | 'not-kept';

/** Thrown where no relay's own error says what went wrong. */
export class RelayClientError extends PalmkeyError {
  override readonly name = 'RelayClientError';
  readonly code: RelayClientFault;

  constructor(code: RelayClientFault, cause?: unknown) {
    super(`relay client: ${code}`, { ...(cause !== undefined && { cause }), retryable: code !== 'closed' });
    this.code = code;
  }
}
