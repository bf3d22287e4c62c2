import { PalmkeyError } from '@palmkey/envelope';

/**
 * What can be wrong with a chain, in the order in which a link is checked (spec/account.md, "Replay"); the last two are
 * said of a whole chain that a pin speaks against ("Pins").
 */
export const chainErrorCodes = [
  'bad-link',
  'unsupported-version',
  'unknown-type',
  'too-long',
  'wrong-account',
  'wrong-seqno',
  'wrong-prev',
  'incomplete',
  'unknown-signer',
  'revoked-signer',
  'not-allowed',
  'bad-signature',
  'wrong-device-id',
  'reused-key',
  'bad-reverse-signature',
  'paper-exists',
  'too-many-devices',
  'no-such-device',
  'wrong-generation',
  'rolled-back',
  'forked',
] as const;

/** One of {@link chainErrorCodes}. */
export type ChainErrorCode = (typeof chainErrorCodes)[number];

/**
 * A chain that is refused: `seqno` is the place of the first link that is wrong, counted and not believed, or the pin's.
 */
export class ChainError extends PalmkeyError {
  override readonly name = 'ChainError';
  readonly code: ChainErrorCode;
  readonly seqno: number;

  constructor(code: ChainErrorCode, seqno: number) {
    super(`link ${seqno} is refused: ${code}`);
    this.code = code;
    this.seqno = seqno;
  }
}

/** A skeleton of a link, or a chain file, that has not the form that the page fixes. */
export class ChainFormatError extends PalmkeyError {
  override readonly name = 'ChainFormatError';
  readonly code = 'bad-format';
}
