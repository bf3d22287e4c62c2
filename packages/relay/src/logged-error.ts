/** What a log line tells of a fault. */
export interface LoggedError {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** How deep causes are followed: one that is its own cause must come to an end. */
const MAX_CAUSES = 4;

/**
 * A fault as the relay logs it. Drivers hang the rows, keys and subjects of what failed on their errors, and name them in
 * messages: of an error only its kind, code, words and place are kept, and in these a long hexadecimal or base64url name
 * is cut to its first 8 characters.
 */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'thrown, and no error' };
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return {
    type: error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code: withoutNames(String(code)) }),
    message: withoutNames(error.message),
    ...(error.stack !== undefined && { stack: withoutNames(error.stack) }),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: loggedError(cause, depth + 1) }),
  };
}

/** A device's id in hexadecimal has 32 characters, a grant's or a line's in base64url 43; words and paths have separators. */
function withoutNames(text: string): string {
  return text.replace(/\\x[0-9a-f]{16,}|[0-9a-f]{24,}|[A-Za-z0-9_-]{40,}/gi, (name) => `${name.slice(0, 8)}…`);
}
