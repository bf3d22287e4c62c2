/** Files that are there as a whole or not at all, of mode 0600 from their first byte. */
import { closeSync, fchmodSync, fstatSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Disk, systemDisk } from './disk.ts';
import { isSystemError, StateError } from './errors.ts';

/**
 * Replaces a file; a crash leaves the old one or the new one.
 * @throws StateError `not-writable`; then the old one stands as it was.
 */
export function replaceFile(path: string, bytes: Uint8Array, disk: Disk = systemDisk): void {
  const next = `${path}.next`;
  try {
    writeNew(next, bytes, disk);
    renameSync(next, path);
  } catch (cause) {
    discard(next);
    throw new StateError('not-writable', path, null, cause);
  }
  syncFolder(dirname(path));
}

/**
 * {@link replaceFile}, after which the old one's bytes are overwritten where they stand. A file system or a disk that
 * writes elsewhere instead keeps them all the same; so does a copy, and a second name that somebody gave the file.
 * @throws StateError `not-writable`; then the old one stands as it was.
 */
export function replaceSecretFile(path: string, bytes: Uint8Array, disk: Disk = systemDisk): void {
  const old = openOld(path);
  try {
    replaceFile(path, bytes, disk);
    if (old !== null) overwrite(old);
  } finally {
    if (old !== null) closeSync(old);
  }
}

function openOld(path: string): number | null {
  try {
    return openSync(path, 'r+');
  } catch {
    return null;
  }
}

function overwrite(file: number): void {
  const { nlink, size } = fstatSync(file);
  // Under another name it is somebody's copy.
  if (nlink > 0) return;
  try {
    systemDisk.write(file, new Uint8Array(size));
    systemDisk.sync(file);
  } catch {
    // The new one is there, and nothing leads to the old one.
  }
}

/**
 * Makes a file that is not there yet; false where there is one. Of several that try, one succeeds.
 * @throws StateError `not-writable`
 */
export function createFile(path: string, bytes: Uint8Array, disk: Disk = systemDisk): boolean {
  const next = `${path}.${process.pid}.next`;
  try {
    writeNew(next, bytes, disk);
    linkSync(next, path);
  } catch (cause) {
    if (isSystemError(cause, 'EEXIST')) return false;
    throw new StateError('not-writable', path, null, cause);
  } finally {
    discard(next);
  }
  syncFolder(dirname(path));
  return true;
}

function writeNew(path: string, bytes: Uint8Array, disk: Disk): void {
  const file = openSync(path, 'w', 0o600);
  try {
    // One that was left over keeps its mode otherwise.
    fchmodSync(file, 0o600);
    disk.write(file, bytes);
    disk.sync(file);
  } finally {
    closeSync(file);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What cannot be taken away is in nobody's way: the next one writes over it.
  }
}

/** A name lasts only once its folder is on the disk; where folders cannot be synced, the system sees to it. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // The file itself is there.
  }
}
