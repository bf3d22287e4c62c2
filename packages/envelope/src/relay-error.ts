import { PalmkeyError } from './errors.ts';
import { FrameError } from './frame.ts';

/** When whoever got an error may try again: at once, some time later, after the time it names, or not. */
export type Retry = 'yes' | 'later' | 'after' | 'no';

interface RelayErrorRow {
  /** What stands for it in a frame. */
  readonly number: number;
  readonly retry: Retry;
  /** Whether the relay ends the connection with it. */
  readonly closes: boolean;
}

/** Every error a relay answers (spec/relay.md, "Errors"). */
export const relayErrors = {
  absent: { number: 1, retry: 'later', closes: false },
  'too-large': { number: 2, retry: 'no', closes: true },
  'rate-limited': { number: 3, retry: 'after', closes: false },
  'slow-reader': { number: 4, retry: 'yes', closes: true },
  'bad-frame': { number: 5, retry: 'no', closes: true },
  'unsupported-version': { number: 6, retry: 'no', closes: true },
  'not-admitted': { number: 7, retry: 'no', closes: true },
  'bad-signature': { number: 8, retry: 'no', closes: true },
  'wrong-origin': { number: 9, retry: 'no', closes: true },
  'timed-out': { number: 10, retry: 'yes', closes: true },
  'too-many-connections': { number: 11, retry: 'after', closes: true },
  replaced: { number: 12, retry: 'no', closes: true },
  'no-rendezvous': { number: 13, retry: 'no', closes: false },
  'rendezvous-full': { number: 14, retry: 'no', closes: false },
  conflict: { number: 15, retry: 'no', closes: false },
  draining: { number: 16, retry: 'yes', closes: true },
  internal: { number: 17, retry: 'later', closes: false },
  removed: { number: 18, retry: 'no', closes: true },
  'mailbox-full': { number: 19, retry: 'later', closes: false },
  expired: { number: 20, retry: 'no', closes: false },
  unavailable: { number: 21, retry: 'later', closes: false },
  blocked: { number: 22, retry: 'no', closes: true },
  quota: { number: 23, retry: 'later', closes: false },
  'push-refused': { number: 24, retry: 'no', closes: false },
  'no-line': { number: 25, retry: 'yes', closes: true },
  'no-nameplate': { number: 26, retry: 'no', closes: false },
  'sign-in-refused': { number: 27, retry: 'no', closes: false },
  'bad-state': { number: 28, retry: 'no', closes: false },
  'name-taken': { number: 29, retry: 'no', closes: false },
} as const satisfies Record<string, RelayErrorRow>;

export type RelayErrorCode = keyof typeof relayErrors;

const codesByNumber: ReadonlyMap<number, RelayErrorCode> = new Map(
  Object.entries(relayErrors).map(([code, row]) => [row.number, code as RelayErrorCode]),
);

/** Whether text is one of the codes of {@link relayErrors}. */
export function isRelayErrorCode(text: string): text is RelayErrorCode {
  return Object.hasOwn(relayErrors, text);
}

/** What a relay answered instead of doing what it was asked. */
export class RelayError extends PalmkeyError {
  override readonly name = 'RelayError';
  readonly code: RelayErrorCode;
  /** How long to wait before the next try, ms; 0 where the relay names no time. */
  readonly retryAfterMs: number;

  constructor(code: RelayErrorCode, retryAfterMs = 0) {
    super(`relay: ${code}`, { retryable: relayErrors[code].retry !== 'no' });
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The body of an error frame: `u16 code ‖ u32 retry after, ms`, 6 bytes. */
export function encodeRelayError(error: { code: RelayErrorCode; retryAfterMs?: number }): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, relayErrors[error.code].number);
  view.setUint32(2, Math.min(Math.max(0, Math.ceil(error.retryAfterMs ?? 0)), 0xffff_ffff));
  return bytes;
}

/** Reads the body of an error frame; throws {@link FrameError} on another length or an unknown number. */
export function parseRelayError(body: Uint8Array): RelayError {
  if (body.length !== 6) throw new FrameError('bad-frame', `an error body of ${body.length} bytes`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const code = codesByNumber.get(view.getUint16(0));
  if (!code) throw new FrameError('bad-frame', 'an error without a name');
  return new RelayError(code, view.getUint32(2));
}
