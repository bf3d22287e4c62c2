import { PalmkeyError } from '@palmkey/envelope';

/**
 * Why git was not set up: there is no git (`no-git`), it knows no `key::` (`git-too-old`), `--local` outside of a
 * repository (`no-repository`), git could not write its file (`git-failed`), or a marker of ours stands alone in the
 * person's file of signers (`broken-signers`).
 */
export class GitSetupError extends PalmkeyError {
  override readonly name = 'GitSetupError';
  readonly code: 'no-git' | 'git-too-old' | 'no-repository' | 'git-failed' | 'broken-signers';
  readonly detail: Readonly<Record<string, string>>;

  constructor(code: GitSetupError['code'], detail: GitSetupError['detail'] = {}, cause?: unknown) {
    super(code, cause === undefined ? {} : { cause });
    this.code = code;
    this.detail = detail;
  }
}
