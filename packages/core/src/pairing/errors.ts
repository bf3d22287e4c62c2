import { PalmkeyError } from '@palmkey/envelope';

/** The reasons that an `abort` can give (spec/pairing.md, "Messages"). */
export const abortReasons = [
  'cancelled',
  'wrong-code',
  'timed-out',
  'bad-message',
  'commitment',
  'version',
  'already-paired',
] as const;
/** One of {@link abortReasons}. */
export type AbortReason = (typeof abortReasons)[number];

/**
 * Why a pairing came to nothing. Besides the reasons that either side can give the other: `no-answer` (the phone saw no
 * answer to its hello: somebody else may have used the link), `link-expired` (nobody used it in time), `bad-link` (not
 * a link of ours) and `peer-aborted` (the other side gave up and said why).
 */
export type PairingFault = AbortReason | 'no-answer' | 'link-expired' | 'bad-link' | 'peer-aborted';

/** A pairing that came to nothing; neither side keeps anything of it. */
export class PairingError extends PalmkeyError {
  override readonly name = 'PairingError';
  readonly code: PairingFault;
  /** For `peer-aborted`: the reason that the other side gave; otherwise null. */
  readonly reason: AbortReason | null;

  constructor(code: PairingFault, options: { readonly cause?: unknown; readonly reason?: AbortReason } = {}) {
    super(`pairing: ${code}`, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
    this.reason = options.reason ?? null;
  }
}

/** What the other side is told when this one gives up with `fault`; null where it knows already. */
export function abortReasonFor(fault: PairingFault): AbortReason | null {
  switch (fault) {
    case 'no-answer':
    case 'link-expired':
      return 'timed-out';
    case 'peer-aborted':
    case 'bad-link':
      return null;
    default:
      return fault;
  }
}
