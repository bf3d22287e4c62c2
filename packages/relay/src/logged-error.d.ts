/** What a log line tells of a fault. */
export interface LoggedError {
    readonly type: string;
    readonly code?: string;
    readonly message: string;
    readonly stack?: string;
    readonly cause?: LoggedError;
}
/**
 * A fault as the relay logs it. Drivers hang the rows, keys and subjects of what failed on their errors, and name them in
 * messages: of an error only its kind, code, words and place are kept, and in these a long hexadecimal or base64url name
 * is cut to its first 8 characters.
 */
export declare function loggedError(error: unknown, depth?: number): LoggedError;
