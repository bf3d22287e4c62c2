import { isPrintable } from './body-form.ts';
import { ascii, concat } from './bytes.ts';
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
  'bad-chain': { number: 30, retry: 'no', closes: false },
  'no-chain': { number: 31, retry: 'no', closes: false },
} as const satisfies Record<string, RelayErrorRow>;

export type RelayErrorCode = keyof typeof relayErrors;

const codesByNumber: ReadonlyMap<number, RelayErrorCode> = new Map(
  Object.entries(relayErrors).map(([code, row]) => [row.number, code as RelayErrorCode]),
);

/** Whether text is one of the codes of {@link relayErrors}. */
export function isRelayErrorCode(text: string): text is RelayErrorCode {
  return Object.hasOwn(relayErrors, text);
}

/** Which link of a post a relay refused, and why: what a `bad-chain` carries. */
export interface LinkRefusal {
  /** A code of replay or of the relay's own (spec/account.md, "At the relay"), at most 64 printable characters. */
  readonly reason: string;
  /** The place of the link; that of the first one posted where it is about the post as a whole. */
  readonly seqno: number;
}

/** The longest reason. */
const MAX_REASON_BYTES = 64;

/** What a relay answered instead of doing what it was asked. */
export class RelayError extends PalmkeyError {
  override readonly name = 'RelayError';
  readonly code: RelayErrorCode;
  /** How long to wait before the next try, ms; 0 where the relay names no time. */
  readonly retryAfterMs: number;
  /** Of a `bad-chain`, and of nothing else. */
  readonly refusal: LinkRefusal | null;

  constructor(code: RelayErrorCode, retryAfterMs = 0, refusal: LinkRefusal | null = null) {
    super(refusal === null ? `relay: ${code}` : `relay: ${code}, link ${refusal.seqno}: ${refusal.reason}`, {
      retryable: relayErrors[code].retry !== 'no',
    });
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.refusal = refusal;
  }
}

/** An error as it is put into a frame. */
export interface RelayErrorBody {
  readonly code: RelayErrorCode;
  readonly retryAfterMs?: number;
  /** For `bad-chain`, and for nothing else. */
  readonly refusal?: LinkRefusal | null;
}

/**
 * The body of an error frame: `u16 code ‖ u32 retry after, ms`, 6 bytes, and for `bad-chain` `u32 seqno ‖ u8 n ‖
 * reason (n)` behind them. Throws {@link FrameError} where a `bad-chain` has no refusal, or another error has one.
 */
export function encodeRelayError({ code, retryAfterMs = 0, refusal = null }: RelayErrorBody): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, relayErrors[code].number);
  view.setUint32(2, Math.min(Math.max(0, Math.ceil(retryAfterMs)), 0xffff_ffff));
  if ((refusal !== null) !== (code === 'bad-chain')) throw new FrameError('bad-frame', 'a refusal of no link');
  if (refusal === null) return bytes;
  const reason = ascii(refusal.reason);
  const body = concat(bytes, new Uint8Array(4), Uint8Array.of(reason.length), reason);
  new DataView(body.buffer).setUint32(6, refusal.seqno);
  parseRelayError(body);
  return body;
}

/** Reads the body of an error frame; throws {@link FrameError} on another length or an unknown number. */
export function parseRelayError(body: Uint8Array): RelayError {
  if (body.length < 6) throw new FrameError('bad-frame', `an error body of ${body.length} bytes`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const code = codesByNumber.get(view.getUint16(0));
  if (!code) throw new FrameError('bad-frame', 'an error without a name');
  const refusal = code === 'bad-chain' ? parseRefusal(body.subarray(6)) : null;
  if (code !== 'bad-chain' && body.length !== 6) {
    throw new FrameError('bad-frame', `an error body of ${body.length} bytes`);
  }
  return new RelayError(code, view.getUint32(2), refusal);
}

function parseRefusal(bytes: Uint8Array): LinkRefusal {
  const reason = bytes.subarray(5);
  if (bytes.length < 5 || bytes[4] !== reason.length || !isPrintable(reason, MAX_REASON_BYTES)) {
    throw new FrameError('bad-frame', 'a refusal without a reason');
  }
  const seqno = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  return { reason: String.fromCharCode(...reason), seqno };
}
