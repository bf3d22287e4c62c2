import { PalmkeyError } from '@palmkey/envelope';

/** Why state cannot be read or written. What was on the disk before is there still, and what was in memory holds. */
export class StateError extends PalmkeyError {
  override readonly name = 'StateError';
  readonly code: 'bad-permissions' | 'state-broken' | 'newer-state' | 'already-running' | 'not-writable';
  readonly path: string;
  /** Octal mode for `bad-permissions`, version for `newer-state`, process id for `already-running`. */
  readonly found: string | null;

  constructor(code: StateError['code'], path: string, found: string | null = null, cause?: unknown) {
    super(`${code}: ${path}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.path = path;
    this.found = found;
  }
}

/** Whether the system gave this code (`ENOENT`, `EEXIST`, …). */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
