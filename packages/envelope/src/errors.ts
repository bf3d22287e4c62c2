/** What a {@link PalmkeyError} may be given besides its message. */
export interface PalmkeyErrorOptions {
  /** What led to it. */
  readonly cause?: unknown;
  /** Whether the same call may succeed later; false when left out. */
  readonly retryable?: boolean;
}

/**
 * The base of every error that Palmkey throws on purpose.
 *
 * `code` is stable and is what callers branch on; the message is for logs and holds no secret, no plaintext and no
 * whole key. Words for people are written by the CLI and the app.
 */
export abstract class PalmkeyError extends Error {
  abstract readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, options: PalmkeyErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.retryable = options.retryable ?? false;
  }
}

/** Bytes or text that are not of the form their kind demands: a wrong length, a wrong alphabet, a wrong number. */
export class BytesError extends PalmkeyError {
  override readonly name = 'BytesError';
  readonly code = 'bad-bytes';
}
