import { PalmkeyError } from '@palmkey/envelope';

/** A ciphertext that does not open, or keys that agree on nothing: one failure for every reason. */
export class OpenError extends PalmkeyError {
  override readonly name = 'OpenError';
  readonly code = 'unopenable';
}

/** Bytes, or a value to be encoded, that are not what the spec's page allows. */
export class FormatError extends PalmkeyError {
  override readonly name = 'FormatError';
  readonly code = 'bad-format';
}

/** A share of CPace that is no element of the group, or the neutral one. */
export class ShareError extends PalmkeyError {
  override readonly name = 'ShareError';
  readonly code = 'bad-share';
}
