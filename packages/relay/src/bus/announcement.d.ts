/**
 * What nodes say to each other beside live frames, as bytes:
 * `u8 1 (version) ‖ u8 kind ‖ node (8) ‖ u64 seqno ‖ u64 stamp ‖ body`, and the body by kind as in {@link Word}.
 */
import { type AccountDataWord, type AccountId, type ChainHead, type DeviceId, type RendezvousId } from '@palmkey/envelope';
import type { ExpelCode } from './bus.ts';
import type { Presence } from './directory.ts';
/** A device that was removed or blocked, and when. */
export interface Expelled {
    readonly device: DeviceId;
    readonly code: ExpelCode;
    readonly at: number;
}
/** One part of all that a node knows: its devices, and whom it has heard to be expelled lately. */
export interface ListPart {
    readonly kind: 'list';
    readonly part: number;
    readonly last: boolean;
    readonly presences: readonly Presence[];
    readonly expelled: readonly Expelled[];
}
export type Word = 
/** A node has come, or come back: it asks every other for its list. */
{
    readonly kind: 'hello';
} | {
    readonly kind: 'beat';
}
/** A node goes, and its devices have gone. */
 | {
    readonly kind: 'bye';
}
/** To one node: its list is wanted. */
 | {
    readonly kind: 'ask';
} | {
    readonly kind: 'enter';
    readonly device: DeviceId;
    readonly account: AccountId;
} | {
    readonly kind: 'leave';
    readonly device: DeviceId;
} | {
    readonly kind: 'expel';
    readonly device: DeviceId;
    readonly code: ExpelCode;
} | {
    readonly kind: 'account-changed';
    readonly account: AccountId;
} | {
    readonly kind: 'rendezvous';
    readonly id: RendezvousId;
} | ListPart | {
    readonly kind: 'chain-head';
    readonly account: AccountId;
    readonly head: ChainHead;
} | {
    readonly kind: 'account-data';
    readonly account: AccountId;
    readonly word: AccountDataWord;
    readonly members: readonly DeviceId[];
};
export interface Announcement {
    /** Who says it, 16 hexadecimal digits. */
    readonly node: string;
    /** How many announcements the node has made to all, this one included if it is one that is counted. */
    readonly seqno: number;
    /** When; of `enter` and `leave`: when the device connected there. */
    readonly at: number;
    readonly word: Word;
}
/** So that a part stays below the megabyte that a NATS server takes by default. */
export declare const ENTRIES_PER_PART = 8000;
/** Whether a word is counted in `seqno`, so that whoever misses it knows. */
export declare function isCounted(word: Word): boolean;
export declare function encodeAnnouncement({ node, seqno, at, word }: Announcement): Uint8Array<ArrayBuffer>;
/** Null for bytes that are none of this version: another version's node may be on the bus during an update. */
export declare function parseAnnouncement(bytes: Uint8Array): Announcement | null;
