import { PalmkeyError } from '@palmkey/envelope';

/** Why an operator's order was not followed. */
export type OperatorFault =
  /** Nobody listens at the control socket. */
  | 'no-relay'
  /** The relay ended, or cut the connection, before it answered. */
  | 'relay-gone'
  /** The relay does not know the call: it is of another version. */
  | 'unknown-call'
  /** Nothing of that kind whose id begins so. */
  | 'no-such-device'
  | 'no-such-account'
  | 'no-such-invitation'
  /** More than one whose id begins so. */
  | 'ambiguous-id'
  /** A fault of the relay, logged there. */
  | 'relay-fault';

const faults: readonly OperatorFault[] = [
  'no-relay',
  'relay-gone',
  'unknown-call',
  'no-such-device',
  'no-such-account',
  'no-such-invitation',
  'ambiguous-id',
  'relay-fault',
];

/** Thrown by what an operator orders; `subject` is the beginning of an id that was asked for. */
export class OperatorError extends PalmkeyError {
  override readonly name = 'OperatorError';
  readonly code: OperatorFault;
  readonly subject: string | null;

  constructor(code: OperatorFault, subject: string | null = null, cause?: unknown) {
    super(code, cause === undefined ? {} : { cause });
    this.code = code;
    this.subject = subject;
  }
}

/** A code as it came over the socket; one that is not known is a fault of the relay. */
export function operatorFault(code: string): OperatorFault {
  return faults.find((fault) => fault === code) ?? 'relay-fault';
}
