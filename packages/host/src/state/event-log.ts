/** The host's own log: one JSON object a line, appended, cut to its newer half when it grows past its limit. */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import * as v from 'valibot';
import type { LogFact } from '../control/protocol.ts';
import { type Disk, systemDisk } from './disk.ts';
import { replaceFile } from './replace-file.ts';

const largestBytes = 4 * 1024 * 1024;
const lineEnd = 0x0a;
/** Whatever else stands in a line was written by us. */
const fact = v.custom<LogFact>((value) => v.is(v.looseObject({ at: v.number(), kind: v.string() }), value));

export interface EventLogOptions {
  readonly disk?: Disk;
  readonly largestBytes?: number;
}

export class EventLog {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #largestBytes: number;

  constructor(path: string, options: EventLogOptions = {}) {
    this.#path = path;
    this.#disk = options.disk ?? systemDisk;
    this.#largestBytes = options.largestBytes ?? largestBytes;
  }

  /** Never throws: an entry that the disk does not take is lost, and nothing else with it. */
  append(entry: LogFact): void {
    try {
      if (this.#append(Buffer.from(`${JSON.stringify(entry)}\n`)) > this.#largestBytes) this.#cut();
    } catch {
      // A log is not worth a login.
    }
  }

  /** The newest `limit` entries, newest first. A line that a crash left half written is passed over. */
  newest(limit: number): LogFact[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, 'utf8').split('\n');
    const facts: LogFact[] = [];
    for (let i = lines.length - 1; i >= 0 && facts.length < limit; i -= 1) {
      const found = parseLine(lines[i] ?? '');
      if (found !== undefined) facts.push(found);
    }
    return facts;
  }

  /** Returns how long the file was before. */
  #append(line: Uint8Array): number {
    const file = openSync(this.#path, 'a+', 0o600);
    try {
      const { size } = fstatSync(file);
      // What a crash or a full disk left of a line must not swallow this one.
      this.#disk.write(file, endsLine(file, size) ? line : Buffer.concat([Buffer.of(lineEnd), line]));
      return size;
    } finally {
      closeSync(file);
    }
  }

  #cut(): void {
    const bytes = readFileSync(this.#path);
    const from = bytes.indexOf(lineEnd, bytes.length >> 1) + 1;
    replaceFile(this.#path, bytes.subarray(from), this.#disk);
  }
}

/** A log entry with nothing in the columns that it has no value for. */
export function logEntry(at: number, known: Partial<LogFact> & Pick<LogFact, 'kind'>): LogFact {
  const none = { user: null, host: null, hostFingerprint: null, phone: null, keyFingerprint: null, outcome: null };
  return { at, ...none, code: null, skewMs: null, tookMs: null, ...known };
}

function endsLine(file: number, size: number): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === lineEnd;
}

function parseLine(line: string): LogFact | undefined {
  if (line === '') return undefined;
  try {
    return v.parse(fact, JSON.parse(line));
  } catch {
    return undefined;
  }
}
