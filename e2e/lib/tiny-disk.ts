/** A file system of its own that is soon full. Only root can mount one. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface TinyDisk extends Disposable {
  readonly path: string;
  /** Leaves no room. */
  fill(): void;
  /** Gives back the room that {@link fill} took. */
  free(): void;
}

/** Mounts 4 MiB at a path, which is made. */
export function tinyDisk(path: string): TinyDisk {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', path]);
  const filler = join(path, 'filler');
  return {
    path,
    fill: () => {
      const file = openSync(filler, 'w');
      for (const size of [65_536, 4_096]) while (hasTaken(file, Buffer.alloc(size)));
      closeSync(file);
    },
    free: () => rmSync(filler),
    [Symbol.dispose]: () => void execFileSync('umount', [path]),
  };
}

function hasTaken(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch {
    return false;
  }
}
