/**
 * The replay windows of this computer in an append-only file: what was accepted is in it before it is acted on.
 * A record is 48 bytes: sender (16) ‖ stream (16) ‖ u64 number ‖ u64 forget after, ms since 1970.
 */
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { MemoryReplayStore, parseStreamId, type ReplayStore, type StreamId } from '@palmkey/core/messages';
import { type DeviceId, parseDeviceId } from '@palmkey/envelope';
import { StateError } from './errors.ts';

const recordBytes = 48;
/** Beyond so many records the file is written again without those whose time is over. */
const rewriteAfter = 50_000;

export class ReplayLog implements ReplayStore, Disposable {
  readonly #path: string;
  readonly #now: () => number;
  #windows = new MemoryReplayStore();
  #file: number;
  #records: number;

  /**
   * Reads what is there; a record that a crash cut off is dropped. `now` is ms since 1970.
   * @throws StateError `state-broken` for a record that no log writes: what was seen is then not known.
   */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
    const kept = liveRecords(path, now());
    for (const record of kept) this.#windows.accept(record.sender, record.stream, record.counter, record.forgetAfterMs);
    this.#file = rewrite(path, kept);
    this.#records = kept.length;
  }

  accept(sender: DeviceId, stream: StreamId, counter: number, forgetAfterMs: number): 'new' | 'replayed' {
    const verdict = this.#windows.accept(sender, stream, counter, forgetAfterMs);
    if (verdict === 'replayed') return verdict;
    writeSync(this.#file, encode({ sender, stream, counter, forgetAfterMs }));
    this.#records += 1;
    if (this.#records > rewriteAfter) this.#compact();
    return verdict;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #compact(): void {
    const kept = liveRecords(this.#path, this.#now());
    closeSync(this.#file);
    this.#file = rewrite(this.#path, kept);
    this.#records = kept.length;
    this.#windows.forget(this.#now());
  }
}

interface Record {
  readonly sender: DeviceId;
  readonly stream: StreamId;
  readonly counter: number;
  readonly forgetAfterMs: number;
}

function liveRecords(path: string, now: number): Record[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const records: Record[] = [];
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    const record = decode(bytes.subarray(at, at + recordBytes));
    if (!isWritten(record)) throw new StateError('state-broken', path);
    if (record.forgetAfterMs >= now) records.push(record);
  }
  return records;
}

function isWritten({ counter, forgetAfterMs }: Record): boolean {
  return Number.isSafeInteger(counter) && counter >= 1 && Number.isSafeInteger(forgetAfterMs);
}

function rewrite(path: string, records: readonly Record[]): number {
  const next = `${path}.next`;
  const file = openSync(next, 'w', 0o600);
  if (records.length > 0) writeSync(file, Buffer.concat(records.map(encode)));
  closeSync(file);
  renameSync(next, path);
  return openSync(path, 'a', 0o600);
}

function encode({ sender, stream, counter, forgetAfterMs }: Record): Buffer {
  const bytes = Buffer.alloc(recordBytes);
  bytes.set(sender, 0);
  bytes.set(stream, 16);
  bytes.writeBigUInt64BE(BigInt(counter), 32);
  bytes.writeBigUInt64BE(BigInt(Math.ceil(forgetAfterMs)), 40);
  return bytes;
}

function decode(bytes: Buffer): Record {
  return {
    sender: parseDeviceId(new Uint8Array(bytes.subarray(0, 16))),
    stream: parseStreamId(new Uint8Array(bytes.subarray(16, 32))),
    counter: Number(bytes.readBigUInt64BE(32)),
    forgetAfterMs: Number(bytes.readBigUInt64BE(40)),
  };
}
