import { PalmkeyError } from '@palmkey/envelope';

/** Bytes that are neither a commit nor a tag as git hands them over to be signed (spec/git.md). */
export class GitFormatError extends PalmkeyError {
  override readonly name = 'GitFormatError';
  readonly code = 'unparsable';
}
