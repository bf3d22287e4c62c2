/**
 * The host's own log: one JSON object a line, appended, cut to its newer half when it grows past its limit. The first
 * line is the version; a file without one is older, and gets it when it is opened.
 */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { PalmkeyError } from '@palmkey/envelope';
import * as v from 'valibot';
import type { LogFact } from '../control/protocol.ts';
import { type Disk, systemDisk } from './disk.ts';
import { StateError } from './errors.ts';
import { replaceFile } from './replace-file.ts';

const largestBytes = 4 * 1024 * 1024;
const lineEnd = 0x0a;
const version = 1;
const head = Buffer.from(`${JSON.stringify({ v: version })}\n`);
/** A head is much shorter, whatever its version. */
const headBytes = 256;
const versioned = v.object({ v: v.number() });
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

  /** @throws StateError `newer-state` for a log that a newer program wrote. */
  constructor(path: string, options: EventLogOptions = {}) {
    this.#path = path;
    this.#disk = options.disk ?? systemDisk;
    this.#largestBytes = options.largestBytes ?? largestBytes;
    if (checkLogVersion(path) === 0) this.#migrate();
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
      const before = size === 0 ? head : endsLine(file, size) ? Buffer.alloc(0) : Buffer.of(lineEnd);
      this.#disk.write(file, Buffer.concat([before, line]));
      return size;
    } finally {
      closeSync(file);
    }
  }

  #cut(): void {
    const bytes = readFileSync(this.#path);
    const from = bytes.indexOf(lineEnd, bytes.length >> 1) + 1;
    replaceFile(this.#path, Buffer.concat([head, bytes.subarray(from)]), this.#disk);
  }

  /** A disk that has no room for it keeps the log as it is: it is read all the same. */
  #migrate(): void {
    try {
      replaceFile(this.#path, Buffer.concat([head, readFileSync(this.#path)]), this.#disk);
    } catch {
      // The next start tries again.
    }
  }
}

/**
 * The version of a log: 0 for one without a head, null where there is none, an empty one, or no file.
 * @throws StateError `newer-state`
 */
export function checkLogVersion(path: string): number | null {
  if (!existsSync(path)) return null;
  const first = firstLine(path);
  if (first === null) return null;
  const found = parseHead(first);
  if (found > version) throw new StateError('newer-state', path, String(found));
  return found;
}

function firstLine(path: string): string | null {
  try {
    const file = openSync(path, 'r');
    try {
      if (!fstatSync(file).isFile()) return null;
      const bytes = Buffer.alloc(headBytes);
      const read = bytes.subarray(0, readSync(file, bytes, 0, headBytes, 0));
      return read.length === 0 ? null : (read.toString('utf8').split('\n')[0] ?? '');
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function parseHead(line: string): number {
  try {
    const found = v.safeParse(versioned, JSON.parse(line));
    return found.success ? found.output.v : 0;
  } catch {
    return 0;
  }
}

const nothing = {
  user: null,
  host: null,
  hostFingerprint: null,
  subject: null,
  phone: null,
  keyFingerprint: null,
  outcome: null,
  code: null,
  skewMs: null,
  until: null,
  woken: null,
  tookMs: null,
  by: null,
};

/** A log entry with nothing in the columns that it has no value for. */
export function logEntry(at: number, known: Partial<LogFact> & Pick<LogFact, 'kind'>): LogFact {
  return { ...nothing, at, ...known };
}

/** An entry for something of this computer's own that went wrong, so that what it was for came to nothing. */
export function faultEntry(at: number, error: unknown): LogFact {
  const code = error instanceof PalmkeyError ? error.code : 'internal';
  return logEntry(at, { kind: 'refused', outcome: 'refused', code });
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
    // An older program wrote fewer columns.
    return { ...nothing, ...v.parse(fact, JSON.parse(line)) };
  } catch {
    return undefined;
  }
}
