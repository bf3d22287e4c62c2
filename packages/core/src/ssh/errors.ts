import { PalmkeyError } from '@palmkey/envelope';

/** Bytes that are not what an SSH format demands: too short, too long, another kind, or something left over. */
export class SshFormatError extends PalmkeyError {
  override readonly name = 'SshFormatError';
  readonly code = 'unparsable';
}

/**
 * What a connection's binds broke (spec/ssh.md, "What a phone signs"):
 * `too-many` (over 16), `forwarding-order`, `repeated` (a session id twice), `session` (the data is of another session),
 * `server` (the data names another server), `method` (a forwarded login without a host-bound method), `signature`.
 */
export type BindFault = 'too-many' | 'forwarding-order' | 'repeated' | 'session' | 'server' | 'method' | 'signature';

/** A session-bind does not verify, or the binds do not fit each other or the data to be signed. */
export class BindError extends PalmkeyError {
  override readonly name = 'BindError';
  readonly code = 'bad-bind';
  readonly fault: BindFault;

  constructor(fault: BindFault) {
    super(`session-bind: ${fault}`);
    this.fault = fault;
  }
}
