import type { FSWatcher } from 'node:fs';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  watch,
  writeFileSync,
} from 'node:fs';

/** The most of the file that one reading takes; what is before that is passed over. */
const MAX_READ_BYTES = 256 * 1024;
/** Where the file is cut to nothing, once all of it is read. */
const TRIM_AT_BYTES = 64 * 1024;

/**
 * The file that the KnownHostsCommand script appends to: gives each complete line once. What stood in it at the start
 * is of logins long past, and is cut away.
 */
export class ClaimsFile {
  readonly #path: string;
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
    writeFileSync(path, '', { mode: 0o600, flag: 'w' });
  }

  /** The lines that were completed since the last call. Never throws: a file that cannot be read has none. */
  newLines(): string[] {
    try {
      return this.#read();
    } catch {
      return [];
    }
  }

  /** Calls `onChange` whenever the file may have new lines, as far as the system tells. */
  watch(onChange: () => void): Disposable {
    let watcher: FSWatcher | null = null;
    try {
      watcher = watch(this.#path, { persistent: false }, onChange);
      watcher.on('error', () => watcher?.close());
    } catch {
      // No watches left, or none on this file system: lines are then as old as the reading that finds them.
    }
    return { [Symbol.dispose]: () => watcher?.close() };
  }

  #read(): string[] {
    if (!existsSync(this.#path)) {
      this.#offset = 0;
      return [];
    }
    const fd = openSync(this.#path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return [];
      if (stat.size < this.#offset) this.#offset = 0;
      this.#offset = Math.max(this.#offset, stat.size - MAX_READ_BYTES);
      const bytes = Buffer.alloc(stat.size - this.#offset);
      const read = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, this.#offset));
      const complete = read.lastIndexOf(0x0a) + 1;
      this.#offset += complete;
      // Between the look at the size and the cut a line may come and be lost: that login is shown without a name.
      if (this.#offset > TRIM_AT_BYTES && fstatSync(fd).size === this.#offset) {
        ftruncateSync(fd, 0);
        this.#offset = 0;
      }
      return read
        .subarray(0, complete)
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '');
    } finally {
      closeSync(fd);
    }
  }
}
