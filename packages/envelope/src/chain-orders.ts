/** The bodies of orders about account chains (spec/account.md, "At the relay"). Links and boxes are bytes here. */
import { parseAccountId, parseDeviceId, type AccountId, type DeviceId } from './brand.ts';
import { expectLength, isPrintable } from './body-form.ts';
import { ascii, concat, equal } from './bytes.ts';
import { FrameError, MAX_BODY_BYTES } from './frame.ts';

/** A per-user key's box: `u32 generation ‖ sender DeviceId ‖ receiver DeviceId ‖ box (72)`. */
export const CHAIN_BOX_BYTES = 108;
/** The seed of the generation before: `u32 generation ‖ secretbox (72)`. */
export const CHAIN_SEED_BYTES = 76;
/** The longest name of a record of account data. */
export const MAX_RECORD_NAME_BYTES = 64;
/** The longest record of account data. */
export const MAX_RECORD_BYTES = 4096;

const HASH_BYTES = 32;
const HEAD_BYTES = 16 + 4 + HASH_BYTES;
const nothing = new Uint8Array(HASH_BYTES);

/** The last link of an account's chain, as a relay tells it. */
export interface ChainHead {
  /** The account of the chain: the first 16 bytes of its eldest link's hash. */
  readonly account: AccountId;
  readonly seqno: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** Links that are to be added to a chain, with what has to come with them. */
export interface ChainPost {
  /** The head that they go on from; null where they begin the chain. */
  readonly prev: Omit<ChainHead, 'account'> | null;
  /** The links, encoded one after the other, at least one. */
  readonly links: Uint8Array;
  /** Each of {@link CHAIN_BOX_BYTES}. */
  readonly boxes: readonly Uint8Array[];
  /** Each of {@link CHAIN_SEED_BYTES}. */
  readonly seeds: readonly Uint8Array[];
}

/** Whose seed of which generation a box has, by whom. */
export interface ChainBoxHead {
  readonly generation: number;
  readonly sender: DeviceId;
  readonly receiver: DeviceId;
}

/**
 * The body of a chain-post (type 31): `u32 prev seqno ‖ prev hash (32) ‖ u32 n ‖ links (n) ‖ u16 boxes ‖ boxes ‖
 * u16 seeds ‖ seeds`, zeros for the first two where the links begin the chain. Throws {@link FrameError}, `too-large`
 * beyond what a frame can hold.
 */
export function encodeChainPost({ prev, links, boxes, seeds }: ChainPost): Uint8Array<ArrayBuffer> {
  const body = concat(
    u32(prev?.seqno ?? 0),
    prev?.hash ?? nothing,
    u32(links.length),
    links,
    u16(boxes.length),
    ...boxes,
    u16(seeds.length),
    ...seeds,
  );
  if (body.length > MAX_BODY_BYTES) throw new FrameError('too-large', `a post of ${body.length} bytes`);
  parseChainPost(body);
  return body;
}

/** Reads a chain-post; throws {@link FrameError}. What the links say is replay's to judge. */
export function parseChainPost(body: Uint8Array): ChainPost {
  const reader = new BodyReader(body);
  const seqno = reader.u32();
  const hash = reader.take(HASH_BYTES);
  if ((seqno === 0) !== equal(hash, nothing)) throw new FrameError('bad-frame', 'a head that is none');
  const links = reader.take(reader.u32());
  if (links.length === 0) throw new FrameError('bad-frame', 'a post without a link');
  const boxes = reader.list(CHAIN_BOX_BYTES);
  const seeds = reader.list(CHAIN_SEED_BYTES);
  reader.end();
  return { prev: seqno === 0 ? null : { seqno, hash }, links, boxes, seeds };
}

/** The beginning of a chain that is longer than one post, or a part of it that goes on from another. */
export type ChainPart = Omit<ChainPost, 'boxes'>;

/** The body of a chain-part (type 39): that of a chain-post without boxes. Throws as {@link encodeChainPost}. */
export function encodeChainPart(part: ChainPart): Uint8Array<ArrayBuffer> {
  return encodeChainPost({ ...part, boxes: [] });
}

/** Reads a chain-part; throws {@link FrameError}, also where it has boxes. */
export function parseChainPart(body: Uint8Array): ChainPart {
  const { boxes, ...part } = parseChainPost(body);
  if (boxes.length > 0) throw new FrameError('bad-frame', 'a part with boxes');
  return part;
}

/** Reads what a box says of itself, in the clear; throws {@link FrameError} on another length. */
export function chainBoxHead(box: Uint8Array): ChainBoxHead {
  expectLength(box, CHAIN_BOX_BYTES);
  const sender = parseDeviceId(copy(box, 4, 20));
  return { generation: readU32(box, 0), sender, receiver: parseDeviceId(copy(box, 20, 36)) };
}

/** The generation whose symmetric key opens a previous seed; throws {@link FrameError} on another length. */
export function chainSeedGeneration(seed: Uint8Array): number {
  expectLength(seed, CHAIN_SEED_BYTES);
  return readU32(seed, 0);
}

/** Reads the body of a chain-grant (type 32): SHA-256 of the grant, 32 bytes. Its encoding is the hash. */
export function parseChainGrant(body: Uint8Array): Uint8Array {
  expectLength(body, HASH_BYTES);
  return copy(body, 0);
}

/** The body of a chain-head (type 37), and of the answer to a chain-ask (type 33): `account id ‖ u32 seqno ‖ hash`. */
export function encodeChainHead({ account, seqno, hash }: ChainHead): Uint8Array<ArrayBuffer> {
  const body = concat(account, u32(seqno), hash);
  parseChainHead(body);
  return body;
}

/** Reads a chain-head; throws {@link FrameError}. */
export function parseChainHead(body: Uint8Array): ChainHead {
  expectLength(body, HEAD_BYTES);
  const seqno = readU32(body, 16);
  if (seqno === 0) throw new FrameError('bad-frame', 'a head without a link');
  return { account: parseAccountId(copy(body, 0, 16)), seqno, hash: copy(body, 20) };
}

/** Reads the answer to a chain-ask: nothing where the device is on no chain. Throws {@link FrameError}. */
export function parseChainAnswer(body: Uint8Array): ChainHead | null {
  return body.length === 0 ? null : parseChainHead(body);
}

/** The body of a chain-boxes (type 34): `u32 generation`, from which previous seeds are wanted downwards; 0: all. */
export function encodeChainBoxesAsk(generation: number): Uint8Array<ArrayBuffer> {
  return u32(generation);
}

/** Reads it; throws {@link FrameError}. */
export function parseChainBoxesAsk(body: Uint8Array): number {
  expectLength(body, 4);
  return readU32(body, 0);
}

/** What members need of the per-user key. */
export interface ChainBoxes {
  /** The device's own box, of the latest generation; null where it has none. */
  readonly box: Uint8Array | null;
  /** Previous seeds by falling generation, as many as one answer holds. */
  readonly seeds: readonly Uint8Array[];
}

/** The answer to a chain-boxes, in the body of its `done`: `u16 boxes (0 or 1) ‖ box ‖ u16 seeds ‖ seeds`. */
export function encodeChainBoxes({ box, seeds }: ChainBoxes): Uint8Array<ArrayBuffer> {
  return concat(u16(box === null ? 0 : 1), box ?? new Uint8Array(0), u16(seeds.length), ...seeds);
}

/** Reads it; throws {@link FrameError}. */
export function parseChainBoxes(body: Uint8Array): ChainBoxes {
  const reader = new BodyReader(body);
  const [box = null, ...others] = reader.list(CHAIN_BOX_BYTES);
  if (others.length > 0) throw new FrameError('bad-frame', 'more than one box');
  const seeds = reader.list(CHAIN_SEED_BYTES);
  reader.end();
  return { box, seeds };
}

/** A record of account data, which the relay cannot open. */
export interface AccountRecord {
  /** Printable ASCII without spaces, at most {@link MAX_RECORD_NAME_BYTES}; the relay reads it. */
  readonly name: string;
  /** The count of all writes to the account's records when it was written. */
  readonly revision: number;
  /** 1 to {@link MAX_RECORD_BYTES}. */
  readonly bytes: Uint8Array;
}

/** Some of the records of account data, by rising revision. */
export interface AccountRecords {
  /** How often the account's records have been written in all. */
  readonly latest: number;
  readonly records: readonly AccountRecord[];
}

/** That the account's records were written, as a relay says it to members. */
export interface AccountDataWord {
  /** The account of the chain. */
  readonly account: AccountId;
  /** The revision that was written last. */
  readonly revision: number;
}

/**
 * The body of a chain-write (type 36): `u32 revision ‖ u8 n ‖ name (n) ‖ record (rest)`. A record of no bytes takes the
 * one that stands there away. Throws {@link FrameError}.
 */
export function encodeChainWrite({ name, revision, bytes }: AccountRecord): Uint8Array<ArrayBuffer> {
  const body = concat(u32(revision), Uint8Array.of(name.length), ascii(name), bytes);
  parseChainWrite(body);
  return body;
}

/** Reads a chain-write; `revision` is the one that is to be replaced, 0 for none. Throws {@link FrameError}. */
export function parseChainWrite(body: Uint8Array): AccountRecord {
  const reader = new BodyReader(body);
  const revision = reader.u32();
  const name = reader.name();
  const left = body.length - reader.at;
  if (left === 0 && revision > 0) return { name, revision, bytes: new Uint8Array(0) };
  return { name, revision, bytes: reader.recordOf(left) };
}

/** The answer to a chain-write, in the body of its `done`: `u32 revision`, the one that the record has now. */
export function encodeChainWritten(revision: number): Uint8Array<ArrayBuffer> {
  return u32(revision);
}

/** Reads it; throws {@link FrameError}. */
export function parseChainWritten(body: Uint8Array): number {
  expectLength(body, 4);
  return readU32(body, 0);
}

/** The body of a chain-read (type 35): `u32 revision`: the records of a later one are wanted; 0: all. */
export function encodeChainReadAsk(after: number): Uint8Array<ArrayBuffer> {
  return u32(after);
}

/** Reads it; throws {@link FrameError}. */
export function parseChainReadAsk(body: Uint8Array): number {
  expectLength(body, 4);
  return readU32(body, 0);
}

/**
 * The answer to a chain-read, in the body of its `done`: `u32 latest ‖ u16 n ‖ n × (u32 revision ‖ u8 m ‖ name (m) ‖
 * u16 k ‖ record (k))`, by rising revision, as many as it holds; none where there are no more.
 */
export function encodeAccountRecords({ latest, records }: AccountRecords): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let length = 6;
  for (const { name, revision, bytes } of records) {
    length += 7 + name.length + bytes.length;
    if (length > MAX_BODY_BYTES) break;
    parts.push(concat(u32(revision), Uint8Array.of(name.length), ascii(name), u16(bytes.length), bytes));
  }
  return concat(u32(latest), u16(parts.length), ...parts);
}

/** Reads it; throws {@link FrameError}, also where the revisions do not rise, or go beyond the latest. */
export function parseAccountRecords(body: Uint8Array): AccountRecords {
  const reader = new BodyReader(body);
  const latest = reader.u32();
  const records: AccountRecord[] = [];
  let last = 0;
  for (let left = reader.u16(); left > 0; left--) {
    const revision = reader.u32();
    if (revision <= last || revision > latest) throw new FrameError('bad-frame', 'records out of order');
    last = revision;
    const name = reader.name();
    records.push({ name, revision, bytes: reader.recordOf(reader.u16()) });
  }
  reader.end();
  return { latest, records };
}

/** The body of an account-data (type 38): `account id ‖ u32 revision`. */
export function encodeAccountDataWord({ account, revision }: AccountDataWord): Uint8Array<ArrayBuffer> {
  return concat(account, u32(revision));
}

/** Reads it; throws {@link FrameError}. */
export function parseAccountDataWord(body: Uint8Array): AccountDataWord {
  expectLength(body, 20);
  return { account: parseAccountId(copy(body, 0, 16)), revision: readU32(body, 16) };
}

/** Takes a body apart from front to back; every method throws {@link FrameError} where it ends too early. */
class BodyReader {
  readonly #body: Uint8Array;
  at = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  u16(): number {
    const [high = 0, low = 0] = this.take(2);
    return (high << 8) | low;
  }

  u32(): number {
    return readU32(this.take(4), 0);
  }

  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.#body.length) throw new FrameError('bad-frame', 'a body cut short');
    const taken = copy(this.#body, this.at, end);
    this.at = end;
    return taken;
  }

  /** As many of one length as their count says. */
  list(bytesOfEach: number): Uint8Array[] {
    const count = this.u16();
    if (this.at + count * bytesOfEach > this.#body.length) throw new FrameError('bad-frame', 'a body cut short');
    return Array.from({ length: count }, () => this.take(bytesOfEach));
  }

  /** The name of a record. */
  name(): string {
    const [length = 0] = this.take(1);
    const name = this.take(length);
    if (length === 0 || !isPrintable(name, MAX_RECORD_NAME_BYTES)) {
      throw new FrameError('bad-frame', 'no name of a record');
    }
    return String.fromCharCode(...name);
  }

  recordOf(length: number): Uint8Array {
    if (length < 1 || length > MAX_RECORD_BYTES) throw new FrameError('bad-frame', `a record of ${length} bytes`);
    return this.take(length);
  }

  /** Nothing may be left. */
  end(): void {
    if (this.at !== this.#body.length) throw new FrameError('bad-frame', 'a body with more behind it');
  }
}

/** Bytes of their own, also of a `Buffer`, whose `slice` is a view. */
function copy(bytes: Uint8Array, from: number, to?: number): Uint8Array {
  return new Uint8Array(bytes.subarray(from, to));
}

function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}

function u32(value: number): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new FrameError('bad-frame', 'a number that does not fit its field');
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function u16(value: number): Uint8Array<ArrayBuffer> {
  if (value > 0xffff) throw new FrameError('bad-frame', 'a number that does not fit its field');
  return Uint8Array.of(value >> 8, value & 255);
}
