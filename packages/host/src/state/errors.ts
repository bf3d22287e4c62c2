import { PalmkeyError } from '@palmkey/envelope';

/** Why a daemon cannot start on a state folder. Nothing in the folder has been changed when one is thrown. */
export class StateError extends PalmkeyError {
  override readonly name = 'StateError';
  readonly code: 'bad-permissions' | 'state-broken' | 'newer-state' | 'already-running' | 'not-writable';
  readonly path: string;
  /** Octal mode for `bad-permissions`, process id for `already-running`. */
  readonly found: string | null;

  constructor(code: StateError['code'], path: string, found: string | null = null, cause?: unknown) {
    super(`${code}: ${path}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.path = path;
    this.found = found;
  }
}
