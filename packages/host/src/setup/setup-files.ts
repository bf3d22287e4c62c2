import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** A file as setup sees it: text in Latin-1, so that every byte of the person's is kept. */
export interface SetupFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

/** Port: the disk. Methods throw the system's errors. */
export interface SetupFiles {
  /** Null where there is none. */
  read(path: string): SetupFile | null;
  /** Where links lead to, also when nothing is there yet. */
  follow(path: string): string;
  /** Puts the file in place in one step. */
  replace(path: string, file: SetupFile): void;
  remove(path: string): void;
  /** Makes the folder, mode 0700, unless it is there. */
  makeFolder(path: string): void;
  hasFolder(path: string): boolean;
  /** Takes the folder away if nothing is in it. */
  removeEmptyFolder(path: string): void;
  /** The files that an absolute glob(7) pattern matches, sorted. */
  glob(pattern: string): readonly string[];
}

export const diskFiles: SetupFiles = {
  read(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() ? { text: readFileSync(path, 'latin1'), mode: stat.mode & 0o777 } : null;
  },
  follow(path) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return path;
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return realpathSync(path);
    return resolve(dirname(path), readlinkSync(path));
  },
  replace(path, { text, mode }) {
    const next = join(dirname(path), `.${basename(path)}.palmkey-${process.pid}`);
    const fd = openSync(next, 'wx', 0o600);
    try {
      writeFileSync(fd, text, 'latin1');
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    chmodSync(next, mode);
    renameSync(next, path);
  },
  remove: (path) => rmSync(path, { force: true }),
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  hasFolder: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  removeEmptyFolder(path) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(path).length === 0)
      rmdirSync(path);
  },
  glob(pattern) {
    let found = ['/'];
    for (const part of pattern.split('/').filter((p) => p !== '')) {
      found = found.flatMap((folder) => matching(folder, part));
    }
    return found.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile()).sort();
  },
};

function matching(folder: string, part: string): string[] {
  if (!/[*?[\\]/.test(part)) return [join(folder, part)];
  const pattern = new RegExp(`^${globToRegExp(part)}$`, 's');
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name) && (part.startsWith('.') || !name.startsWith('.')))
      .map((name) => join(folder, name));
  } catch {
    return []; // no such folder, or not a folder: nothing matches, as in glob(3)
  }
}

function globToRegExp(part: string): string {
  return part.replaceAll(/\\(.)|\[(!?)([^\]]+)\]|[\s\S]/g, (found, escaped?: string, not?: string, set?: string) => {
    if (escaped !== undefined) return literal(escaped);
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll(/[\\^\]]/g, '\\$&')}]`;
    if (found === '*') return '.*';
    return found === '?' ? '.' : literal(found);
  });
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
