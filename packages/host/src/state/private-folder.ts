/** Folders that only their owner can enter. */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { StateError } from './errors.ts';

/**
 * Makes a folder of mode 0700, or checks the one that is there.
 * @returns the outermost folder that was made, null where it was there.
 * @throws StateError `bad-permissions` when it is a link, not a folder, somebody else's, or open to group or others;
 * `not-writable` when it cannot be made.
 */
export function privateFolder(path: string): string | null {
  let made: string | undefined;
  try {
    made = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (made !== undefined) chmodSync(path, 0o700);
  } catch (cause) {
    throw new StateError('not-writable', path, null, cause);
  }
  checkPrivate(path, 'folder');
  return made ?? null;
}

/** @throws StateError `bad-permissions` unless `path` is a file (or folder) of ours that nobody else can open. */
export function checkPrivate(path: string, kind: 'folder' | 'file'): void {
  const found = lstatSync(path);
  const right = kind === 'folder' ? found.isDirectory() : found.isFile();
  const ours = process.getuid === undefined || found.uid === process.getuid();
  if (!right || !ours || (found.mode & 0o077) !== 0) {
    throw new StateError('bad-permissions', path, (found.mode & 0o777).toString(8).padStart(4, '0'));
  }
}
