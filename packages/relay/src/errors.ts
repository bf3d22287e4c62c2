import { PalmkeyError } from '@palmkey/envelope';

/** Why a relay does not start. */
export type RelayStartFault =
  /** Another program listens at that address and port. */
  | 'port-in-use'
  /** The address is not one of this machine, or the port is not allowed. */
  | 'cannot-listen'
  /** `admission: 'open'` beyond loopback without `openToAnyone`. */
  | 'open-to-anyone'
  /** It listens beyond loopback and was not told its own origins. */
  | 'no-origin'
  /** An origin is not a URL origin. */
  | 'bad-origin'
  /** Push: a contact that is neither `mailto:` nor `https:`, a service that is no host, or a certificate that is none. */
  | 'bad-push'
  /** The store was written by a newer version. */
  | 'newer-store'
  /** The store cannot be opened. */
  | 'no-store'
  /** The bus is not the address of a NATS server. */
  | 'bad-bus'
  /** NATS is not reached, does not let this relay in, or cannot keep its mail. */
  | 'no-bus'
  /** The folder for the app has no `index.html`. */
  | 'no-app';

/** Thrown by `startRelay`; nothing is left running or open. */
export class RelayStartError extends PalmkeyError {
  override readonly name = 'RelayStartError';
  readonly code: RelayStartFault;

  constructor(code: RelayStartFault, message: string, cause?: unknown) {
    super(message, { ...(cause !== undefined && { cause }), retryable: code === 'port-in-use' || code === 'no-bus' });
    this.code = code;
  }
}
