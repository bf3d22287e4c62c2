import { PalmkeyError } from '@palmkey/envelope';

/**
 * Why setup changed nothing: `broken-block` (a begin or end marker of ours stands alone in the person's file),
 * `newer-setup` (a newer program wrote our own file), `own-upstream` (our own socket behind our agent), `unusable-path` (ssh_config has no way to write such a path: a quotation mark, a backslash, a control character, `${`).
 */
export class SetupError extends PalmkeyError {
  override readonly name = 'SetupError';
  readonly code: 'broken-block' | 'newer-setup' | 'own-upstream' | 'unusable-path';
  readonly path: string;

  constructor(code: SetupError['code'], path: string) {
    super(`${code}: ${path}`);
    this.code = code;
    this.path = path;
  }
}
