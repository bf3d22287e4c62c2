/** One daemon for a home folder. */
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { isSystemError, StateError } from './errors.ts';
import { createFile } from './replace-file.ts';

/** How long a daemon may take from this file to its sockets. */
const startsWithinMs = 30_000;

export interface Hold {
  /** Lets the folder go; does nothing the second time. */
  release(): void;
}

/** What this process itself holds: a file that names it is otherwise one of an earlier process of the same number. */
const held = new Map<string, Hold>();

/**
 * Takes the folder for this process with a file that names its process id. A file left by a process that is gone is
 * taken over; so is one whose process id is another program's by now, as after a power cut: a daemon would answer.
 * @param answers whether somebody answers on the control socket of this folder.
 * @throws StateError `already-running` with the other's process id, `not-writable`
 */
export async function holdFolder(path: string, answers: () => Promise<boolean>): Promise<Hold> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (createFile(path, Buffer.from(String(process.pid)))) {
      const hold: Hold = { release: () => release(path, hold) };
      held.set(path, hold);
      return hold;
    }
    const found = read(path);
    if (found === undefined) continue;
    const other = pidOf(found);
    if (other !== undefined && (await isDaemon(path, other, answers)))
      throw new StateError('already-running', path, String(other));
    discard(path, found);
  }
  throw new StateError('already-running', path);
}

function release(path: string, hold: Hold): void {
  if (held.get(path) !== hold) return;
  held.delete(path);
  if (read(path) === String(process.pid)) rmSync(path, { force: true });
}

async function isDaemon(path: string, pid: number, answers: () => Promise<boolean>): Promise<boolean> {
  if (pid === process.pid) return held.has(path);
  return isAlive(pid) && (isYoung(path) || (await answers()));
}

/** Takes a stale file away under a name of our own: should another have put its own there meanwhile, it gets it back. */
function discard(path: string, stale: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return;
    throw new StateError('not-writable', path, null, cause);
  }
  const found = read(aside);
  if (found !== undefined && found !== stale) createFile(path, Buffer.from(found));
  rmSync(aside, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function pidOf(text: string): number | undefined {
  const pid = Number(text);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

function isYoung(path: string): boolean {
  try {
    return Math.abs(Date.now() - statSync(path).mtimeMs) < startsWithinMs;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return isSystemError(cause, 'EPERM');
  }
}
