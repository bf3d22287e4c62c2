import { FrameType, HEADER_BYTES, relayErrors, type PushOutcome, type RelayErrorCode } from '@palmkey/envelope';

/** How often each of some words was the case. */
export type Tally<Word extends string> = Record<Word, number>;

/** What can come of a post to a chain: it is there now, it was there, an error by its code, or anything else. */
export type ChainPostOutcome =
  | 'posted'
  | 'repeated'
  | 'failed'
  | Extract<RelayErrorCode, 'conflict' | 'bad-chain' | 'no-chain' | 'quota' | 'rate-limited'>;

/** Frame types are below this, and the numbers of errors. */
const TYPES = 64;
const ERRORS = 64;

/**
 * What a relay counts since its start. Whoever does something adds to a plain number, which costs next to nothing;
 * whoever scrapes reads them. Nothing here can tell devices apart.
 */
export class Meter {
  /** Frames by their type, as they came from devices. */
  readonly framesIn = new Float64Array(TYPES);
  /** Frames by their type, as they were handed to a device's socket. */
  readonly framesOut = new Float64Array(TYPES);
  bytesIn = 0;
  bytesOut = 0;
  /** Errors that were sent in frames, by their number. */
  readonly errors = new Float64Array(ERRORS);
  /** What came of authentications. */
  readonly admissions = tally<'admitted' | RelayErrorCode>([
    'admitted',
    ...(Object.keys(relayErrors) as RelayErrorCode[]),
  ]);
  readonly pushes = tally<PushOutcome | 'failed'>([
    'connected',
    'handed',
    'no-registration',
    'refused',
    'unreachable',
    'failed',
  ]);
  /** What came of posts to chains. */
  readonly chainPosts = tally<ChainPostOutcome>([
    'posted',
    'repeated',
    'conflict',
    'bad-chain',
    'no-chain',
    'quota',
    'rate-limited',
    'failed',
  ]);
  /** Messages that a mailbox has taken. */
  mailTaken = 0;
  /** Messages that were sent to a recipient from its mailbox; what is sent again counts again. */
  mailDelivered = 0;
  mailExpired = 0;
  /** Transactions that wrote durable mail, and how many messages they wrote together. */
  journalCommits = 0;
  journalMessages = 0;

  /** Counts a frame that came from a device. */
  in(frame: Uint8Array): void {
    const type = (frame[1] ?? 0) % TYPES;
    this.framesIn[type] = (this.framesIn[type] ?? 0) + 1;
    this.bytesIn += frame.length;
  }

  /** Counts a frame that goes to a device. */
  out(frame: Uint8Array): void {
    const type = (frame[1] ?? 0) % TYPES;
    this.framesOut[type] = (this.framesOut[type] ?? 0) + 1;
    this.bytesOut += frame.length;
    if (type !== FrameType.error) return;
    // The body of an error begins with its number, 16 bits (spec/relay.md, "Errors").
    const error = (frame[HEADER_BYTES + 1] ?? 0) % ERRORS;
    this.errors[error] = (this.errors[error] ?? 0) + 1;
  }
}

function tally<Word extends string>(words: readonly Word[]): Tally<Word> {
  return Object.fromEntries(words.map((word) => [word, 0])) as Tally<Word>;
}
