import { PalmkeyError } from '@palmkey/envelope';

/** Why an exchange between two devices came to nothing (spec/provisioning.md). */
export type KexFault =
  /** A packet, inside or outside, that has not the form of one. */
  | 'bad-packet'
  /** A packet that the key does not open. */
  | 'packet-unopenable'
  /** Inside and outside of a packet differ, or the rendezvous gives it as another's. */
  | 'packet-mismatch'
  /** A packet of another session. */
  | 'wrong-session'
  /** A packet of our own, come back. */
  | 'own-packet'
  /** A packet of another device than the one that was met. */
  | 'wrong-peer'
  /** A packet that is not the next. */
  | 'wrong-packet-seqno'
  /** Nothing came in time, or was not taken in time. */
  | 'timed-out'
  /** This side has closed. */
  | 'closed'
  /** A bare empty message: somebody who sees the rendezvous ended it. */
  | 'aborted'
  /** The caller gave up. */
  | 'cancelled'
  /** The relay could not be asked. */
  | 'unreachable'
  /** There was more than a rendezvous holds. */
  | 'flooded'
  /** The other side entered something else, or somebody is in the middle. The secret is burnt. */
  | 'wrong-secret'
  /** A secret that has had its one exchange. */
  | 'secret-used'
  /** `kex2-v2` without an account id. */
  | 'account-needed'
  /** What came over the stream is no frame of RPC. */
  | 'bad-frame'
  /** The other side's calls are not counted as they must be. */
  | 'wrong-seqid'
  /** The other side calls more at once than is answered. */
  | 'too-many-calls'
  /** The other side closed while an answer of it was waited for. */
  | 'peer-left';

/** An exchange, or one read, write or call of it, that failed. */
export class KexError extends PalmkeyError {
  override readonly name = 'KexError';
  readonly code: KexFault;

  constructor(code: KexFault, options: { readonly cause?: unknown } = {}) {
    super(`key exchange: ${code}`, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
  }
}

/** A QR code's link that is none of ours (`bad-link`), or of another version (`version`). */
export class JoinLinkError extends PalmkeyError {
  override readonly name = 'JoinLinkError';
  readonly code: 'bad-link' | 'version';

  constructor(code: 'bad-link' | 'version', options: { readonly cause?: unknown } = {}) {
    super(`join link: ${code}`, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
  }
}
