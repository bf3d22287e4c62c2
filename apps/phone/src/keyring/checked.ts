import { CheckedCommit } from './checked-commit.ts';
import { CheckedFile } from './checked-file.ts';
import { CheckedLogin } from './checked-login.ts';

/** All that a user key signs. Each is made by its own strict check and by nothing else. */
export type Checked = CheckedLogin | CheckedCommit | CheckedFile;

/**
 * The very bytes that were parsed (for a commit, those that commit to its text) and the key asked for. Throws a
 * TypeError for an object that its check did not make.
 */
export function bytesToSign(checked: Checked): { readonly key: Uint8Array; readonly bytes: Uint8Array<ArrayBuffer> } {
  switch (checked.kind) {
    case 'login':
      return CheckedLogin.bytesToSign(checked);
    case 'git':
      return CheckedCommit.bytesToSign(checked);
    case 'file':
      return CheckedFile.bytesToSign(checked);
    default:
      throw new TypeError('nothing that was checked');
  }
}
