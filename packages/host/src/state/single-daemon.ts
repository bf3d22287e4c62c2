/** One daemon for a home folder. */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { StateError } from './errors.ts';

/** How long a daemon may take from this file to its sockets. */
const startsWithinMs = 30_000;

export interface Hold {
  release(): void;
}

/**
 * Takes the folder for this process with a file that names its process id. A file left by a process that is gone is
 * taken over; so is one whose process id is another program's by now, as after a power cut: a daemon would answer.
 * @param answers whether somebody answers on the control socket of this folder.
 * @throws StateError `already-running` with the other's process id.
 */
export async function holdFolder(path: string, answers: () => Promise<boolean>): Promise<Hold> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return { release: () => rmSync(path, { force: true }) };
    } catch (cause) {
      if (!isCode(cause, 'EEXIST')) throw new StateError('not-writable', path, null, cause);
    }
    const other = owner(path);
    if (other !== undefined && other !== process.pid && isAlive(other) && (isYoung(path) || (await answers())))
      throw new StateError('already-running', path, String(other));
    rmSync(path, { force: true });
  }
  throw new StateError('already-running', path);
}

function owner(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
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
    return isCode(cause, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
