/**
 * The replay windows of this computer in an append-only file: what was accepted is in it before it is acted on. In it
 * means with the system: it outlives this process, however that ends; a machine that loses its power may lose the last.
 * A record is 48 bytes: sender (16) ‖ stream (16) ‖ u64 number ‖ u64 forget after, ms since 1970. The first is the head:
 * `palmkey replay log`, filled up to 32 bytes with zeros ‖ u64 0 ‖ u64 version. No record has the number 0, so that a
 * program that knows no head takes such a file for broken. A file without a head is of before there was one.
 */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { MemoryReplayStore, parseStreamId, type ReplayStore, type StreamId } from '@palmkey/core/messages';
import { type DeviceId, parseDeviceId } from '@palmkey/envelope';
import { type Disk, systemDisk } from './disk.ts';
import { StateError } from './errors.ts';
import { replaceFile } from './replace-file.ts';

const recordBytes = 48;
const version = 1;
const headName = Buffer.alloc(32);
headName.write('palmkey replay log');
const head = Buffer.concat([headName, Buffer.alloc(16)]);
head.writeBigUInt64BE(BigInt(version), 40);
/** Beyond so many records the file is written again without those whose time is over. */
const rewriteAfter = 50_000;
/** How often windows whose time is over are dropped; they count against what one sender may have. */
const forgetEveryMs = 10 * 60_000;

export interface ReplayLogOptions {
  readonly disk?: Disk;
  readonly rewriteAfter?: number;
}

export class ReplayLog implements ReplayStore, Disposable {
  readonly #path: string;
  readonly #now: () => number;
  readonly #disk: Disk;
  readonly #rewriteAfter: number;
  readonly #windows = new MemoryReplayStore();
  #file: number | undefined;
  #disposed = false;
  #records: number;
  #rewriteAt: number;
  #forgetAt: number;

  /**
   * Reads what is there; a record that a crash cut off is dropped. `now` is ms since 1970.
   * @throws StateError `state-broken` for a record that no log writes: what was seen is then not known; `newer-state`;
   * `not-writable`
   */
  constructor(path: string, now: () => number, options: ReplayLogOptions = {}) {
    this.#path = path;
    this.#now = now;
    this.#disk = options.disk ?? systemDisk;
    this.#rewriteAfter = options.rewriteAfter ?? rewriteAfter;
    const kept = liveRecords(path, now());
    for (const record of kept) this.#windows.accept(record.sender, record.stream, record.counter, record.forgetAfterMs);
    this.#rewrite(kept);
    this.#records = kept.length;
    this.#rewriteAt = Math.max(this.#rewriteAfter, 2 * kept.length);
    this.#forgetAt = now() + forgetEveryMs;
  }

  /**
   * Notes a number.
   * @throws StateError `not-writable`: then the message is not to be acted on, and its number is used up.
   */
  accept(sender: DeviceId, stream: StreamId, counter: number, forgetAfterMs: number): 'new' | 'replayed' {
    const now = this.#now();
    if (now >= this.#forgetAt) {
      this.#windows.forget(now);
      this.#forgetAt = now + forgetEveryMs;
    }
    const verdict = this.#windows.accept(sender, stream, counter, forgetAfterMs);
    if (verdict === 'replayed') return verdict;
    this.#append(encode({ sender, stream, counter, forgetAfterMs }));
    if (this.#records > this.#rewriteAt) this.#compact(now);
    return verdict;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#close();
  }

  #append(record: Uint8Array): void {
    if (this.#disposed) throw new StateError('not-writable', this.#path);
    try {
      this.#file ??= openSync(this.#path, 'a', 0o600);
      this.#disk.write(this.#file, record);
    } catch (cause) {
      // Part of a record would shift every one after it.
      if (this.#file !== undefined) ftruncateSync(this.#file, (1 + this.#records) * recordBytes);
      throw new StateError('not-writable', this.#path, null, cause);
    }
    this.#records += 1;
  }

  /** A disk that has no room for it keeps the long file: all is in it. */
  #compact(now: number): void {
    try {
      const kept = liveRecords(this.#path, now);
      this.#rewrite(kept);
      this.#records = kept.length;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
    }
    this.#rewriteAt = Math.max(this.#rewriteAfter, 2 * this.#records);
  }

  #rewrite(records: readonly ReplayRecord[]): void {
    replaceFile(this.#path, Buffer.concat([head, ...records.map(encode)]), this.#disk);
    // It is the replaced one's.
    this.#close();
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

interface ReplayRecord {
  readonly sender: DeviceId;
  readonly stream: StreamId;
  readonly counter: number;
  readonly forgetAfterMs: number;
}

function liveRecords(path: string, now: number): ReplayRecord[] {
  if (!existsSync(path)) return [];
  const bytes = read(path);
  const records: ReplayRecord[] = [];
  for (let at = versionOf(bytes, path) === 0 ? 0 : recordBytes; at + recordBytes <= bytes.length; at += recordBytes) {
    const record = decode(bytes.subarray(at, at + recordBytes));
    if (!isWritten(record)) throw new StateError('state-broken', path);
    if (record.forgetAfterMs >= now) records.push(record);
  }
  return records;
}

/**
 * Looks at the version of a file, if there is one, and changes nothing.
 * @throws StateError `newer-state`, `state-broken`
 */
export function checkReplayVersion(path: string): void {
  if (existsSync(path)) versionOf(read(path), path);
}

/** 0 for a file without a head. */
function versionOf(bytes: Buffer, path: string): number {
  if (bytes.length < recordBytes || !bytes.subarray(0, headName.length).equals(headName)) return 0;
  const found = bytes.readBigUInt64BE(40);
  if (found > version) throw new StateError('newer-state', path, String(found));
  if (found < 1 || bytes.readBigUInt64BE(32) !== 0n) throw new StateError('state-broken', path);
  return Number(found);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new StateError('state-broken', path, null, cause);
  }
}

function isWritten({ counter, forgetAfterMs }: ReplayRecord): boolean {
  return Number.isSafeInteger(counter) && counter >= 1 && Number.isSafeInteger(forgetAfterMs);
}

function encode({ sender, stream, counter, forgetAfterMs }: ReplayRecord): Buffer {
  const bytes = Buffer.alloc(recordBytes);
  bytes.set(sender, 0);
  bytes.set(stream, 16);
  bytes.writeBigUInt64BE(BigInt(counter), 32);
  bytes.writeBigUInt64BE(BigInt(Math.ceil(forgetAfterMs)), 40);
  return bytes;
}

function decode(bytes: Buffer): ReplayRecord {
  return {
    sender: parseDeviceId(new Uint8Array(bytes.subarray(0, 16))),
    stream: parseStreamId(new Uint8Array(bytes.subarray(16, 32))),
    counter: Number(bytes.readBigUInt64BE(32)),
    forgetAfterMs: Number(bytes.readBigUInt64BE(40)),
  };
}
