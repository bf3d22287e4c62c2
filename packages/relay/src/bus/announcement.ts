/**
 * What nodes say to each other beside live frames, as bytes:
 * `u8 1 (version) ‖ u8 kind ‖ node (8) ‖ u64 seqno ‖ u64 stamp ‖ body`, and the body by kind as in {@link Word}.
 */
import {
  concat,
  encodeAccountDataWord,
  encodeChainHead,
  FrameError,
  fromHex,
  parseAccountDataWord,
  parseAccountId,
  parseChainHead,
  parseDeviceId,
  parseRendezvousId,
  toHex,
  type AccountDataWord,
  type AccountId,
  type ChainHead,
  type DeviceId,
  type RendezvousId,
} from '@palmkey/envelope';
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
  | { readonly kind: 'hello' }
  | { readonly kind: 'beat' }
  /** A node goes, and its devices have gone. */
  | { readonly kind: 'bye' }
  /** To one node: its list is wanted. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'enter'; readonly device: DeviceId; readonly account: AccountId }
  | { readonly kind: 'leave'; readonly device: DeviceId }
  | { readonly kind: 'expel'; readonly device: DeviceId; readonly code: ExpelCode }
  | { readonly kind: 'account-changed'; readonly account: AccountId }
  | { readonly kind: 'rendezvous'; readonly id: RendezvousId }
  | ListPart
  | { readonly kind: 'chain-head'; readonly account: AccountId; readonly head: ChainHead }
  | {
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

const VERSION = 1;
const HEAD_BYTES = 26;
const ENTRY_BYTES = 41;
/** The relay's account, and the body of an account-data frame. */
const DATA_WORD_BYTES = 16 + 20;
/** So that a part stays below the megabyte that a NATS server takes by default. */
export const ENTRIES_PER_PART = 8_000;

const kinds = [
  'hello',
  'beat',
  'bye',
  'ask',
  'enter',
  'leave',
  'expel',
  'account-changed',
  'rendezvous',
  'list',
  'chain-head',
  'account-data',
] as const satisfies readonly Word['kind'][];
const expelCodes = ['removed', 'blocked', 'moved'] as const satisfies readonly ExpelCode[];
/** What an entry of a list is: a device that is there, or 1 + the place of the code by which it was expelled. */
const PRESENT = 0;
const nobody = new Uint8Array(16);

/** Whether a word is counted in `seqno`, so that whoever misses it knows. */
export function isCounted(word: Word): boolean {
  return ['enter', 'leave', 'expel', 'account-changed', 'rendezvous', 'chain-head', 'account-data'].includes(word.kind);
}

export function encodeAnnouncement({ node, seqno, at, word }: Announcement): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  head[0] = VERSION;
  head[1] = kinds.indexOf(word.kind);
  head.set(fromHex(node), 2);
  view.setBigUint64(10, BigInt(seqno));
  view.setBigUint64(18, BigInt(at));
  return concat(head, bodyOf(word));
}

/** Null for bytes that are none of this version: another version's node may be on the bus during an update. */
export function parseAnnouncement(bytes: Uint8Array): Announcement | null {
  if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = kinds[bytes[1] ?? kinds.length];
  const word = kind === undefined ? null : parseWord(kind, new Uint8Array(bytes.subarray(HEAD_BYTES)));
  if (word === null) return null;
  return {
    node: toHex(bytes.subarray(2, 10)),
    seqno: Number(view.getBigUint64(10)),
    at: Number(view.getBigUint64(18)),
    word,
  };
}

function bodyOf(word: Word): Uint8Array {
  switch (word.kind) {
    case 'hello':
    case 'beat':
    case 'bye':
    case 'ask':
      return new Uint8Array(0);
    case 'enter':
      return concat(word.device, word.account);
    case 'leave':
      return word.device;
    case 'expel':
      return concat(word.device, Uint8Array.of(expelCodes.indexOf(word.code)));
    case 'account-changed':
      return word.account;
    case 'rendezvous':
      return word.id;
    case 'chain-head':
      return concat(word.account, encodeChainHead(word.head));
    case 'account-data':
      return concat(
        word.account,
        encodeAccountDataWord(word.word),
        Uint8Array.of(word.members.length),
        ...word.members,
      );
    case 'list':
      return concat(
        Uint8Array.of(word.last ? 1 : 0, word.part >> 8, word.part & 255),
        ...word.presences.map(({ device, account, at }) => entry(PRESENT, device, account, at)),
        ...word.expelled.map(({ device, code, at }) => entry(1 + expelCodes.indexOf(code), device, nobody, at)),
      );
  }
}

function entry(what: number, device: Uint8Array, account: Uint8Array, at: number): Uint8Array {
  const bytes = new Uint8Array(ENTRY_BYTES);
  bytes[0] = what;
  bytes.set(device, 1);
  bytes.set(account, 17);
  new DataView(bytes.buffer).setBigUint64(33, BigInt(at));
  return bytes;
}

function parseWord(kind: Word['kind'], body: Uint8Array): Word | null {
  switch (kind) {
    case 'hello':
    case 'beat':
    case 'bye':
    case 'ask':
      return body.length === 0 ? { kind } : null;
    case 'enter':
      if (body.length !== 32) return null;
      return { kind, device: parseDeviceId(body.subarray(0, 16)), account: parseAccountId(body.subarray(16)) };
    case 'leave':
      return body.length === 16 ? { kind, device: parseDeviceId(body) } : null;
    case 'expel': {
      const code = expelCodes[body[16] ?? expelCodes.length];
      return body.length === 17 && code ? { kind, device: parseDeviceId(body.subarray(0, 16)), code } : null;
    }
    case 'account-changed':
      return body.length === 16 ? { kind, account: parseAccountId(body) } : null;
    case 'rendezvous':
      return body.length === 32 ? { kind, id: parseRendezvousId(body) } : null;
    case 'list':
      return parseList(body);
    case 'chain-head': {
      const head = body.length > 16 ? parseHead(body.subarray(16)) : null;
      return head && { kind, account: parseAccountId(body.subarray(0, 16)), head };
    }
    case 'account-data': {
      const count = body[DATA_WORD_BYTES] ?? 0;
      if (body.length !== DATA_WORD_BYTES + 1 + count * 16) return null;
      const members = Array.from({ length: count }, (_, i) => {
        const from = DATA_WORD_BYTES + 1 + i * 16;
        return parseDeviceId(body.subarray(from, from + 16));
      });
      const account = parseAccountId(body.subarray(0, 16));
      return { kind, account, word: parseAccountDataWord(body.subarray(16, DATA_WORD_BYTES)), members };
    }
  }
}

function parseHead(body: Uint8Array): ChainHead | null {
  try {
    return parseChainHead(body);
  } catch (error) {
    if (error instanceof FrameError) return null;
    throw error;
  }
}

function parseList(body: Uint8Array): ListPart | null {
  const [last = 2, high = 0, low = 0] = body;
  if (body.length < 3 || last > 1 || (body.length - 3) % ENTRY_BYTES !== 0) return null;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const presences: Presence[] = [];
  const expelled: Expelled[] = [];
  for (let offset = 3; offset < body.length; offset += ENTRY_BYTES) {
    const what = body[offset] ?? PRESENT;
    const device = parseDeviceId(body.subarray(offset + 1, offset + 17));
    const at = Number(view.getBigUint64(offset + 33));
    const code = expelCodes[what - 1];
    if (what === PRESENT) {
      presences.push({ device, account: parseAccountId(body.subarray(offset + 17, offset + 33)), at });
    } else if (code) expelled.push({ device, code, at });
    else return null;
  }
  return { kind: 'list', part: (high << 8) | low, last: last === 1, presences, expelled };
}
