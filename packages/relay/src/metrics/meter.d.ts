import { type RelayErrorCode } from '@palmkey/envelope';
/** How often each of some words was the case. */
export type Tally<Word extends string> = Record<Word, number>;
/** What can come of a post to a chain: it is there now, it was there, an error by its code, or anything else. */
export type ChainPostOutcome = 'posted' | 'repeated' | 'failed' | Extract<RelayErrorCode, 'conflict' | 'bad-chain' | 'no-chain' | 'quota' | 'rate-limited'>;
/**
 * What a relay counts since its start. Whoever does something adds to a plain number, which costs next to nothing;
 * whoever scrapes reads them. Nothing here can tell devices apart.
 */
export declare class Meter {
    /** Frames by their type, as they came from devices. */
    readonly framesIn: Float64Array<ArrayBuffer>;
    /** Frames by their type, as they were handed to a device's socket. */
    readonly framesOut: Float64Array<ArrayBuffer>;
    bytesIn: number;
    bytesOut: number;
    /** Errors that were sent in frames, by their number. */
    readonly errors: Float64Array<ArrayBuffer>;
    /** What came of authentications. */
    readonly admissions: Tally<"timed-out" | "no-rendezvous" | "bad-signature" | "conflict" | "rendezvous-full" | "unsupported-version" | "rate-limited" | "too-many-connections" | "not-admitted" | "wrong-origin" | "no-nameplate" | "bad-frame" | "no-chain" | "bad-chain" | "name-taken" | "quota" | "removed" | "blocked" | "unavailable" | "replaced" | "draining" | "expired" | "internal" | "sign-in-refused" | "bad-state" | "absent" | "too-large" | "slow-reader" | "mailbox-full" | "push-refused" | "no-line" | "admitted">;
    readonly pushes: Tally<"failed" | "unreachable" | "refused" | "connected" | "handed" | "no-registration">;
    /** What came of posts to chains. */
    readonly chainPosts: Tally<ChainPostOutcome>;
    /** Messages that a mailbox has taken. */
    mailTaken: number;
    /** Messages that were sent to a recipient from its mailbox; what is sent again counts again. */
    mailDelivered: number;
    mailExpired: number;
    /** Transactions that wrote durable mail, and how many messages they wrote together. */
    journalCommits: number;
    journalMessages: number;
    /** Counts a frame that came from a device. */
    in(frame: Uint8Array): void;
    /** Counts a frame that goes to a device. */
    out(frame: Uint8Array): void;
}
