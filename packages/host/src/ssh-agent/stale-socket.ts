import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * Takes a socket away that a daemon left when it was killed: ssh would go to it, and not to the person's own agent. One
 * that somebody answers on stays, also where it came while we looked: it is moved aside, tried, and put back.
 * @returns whether one was taken away. Never throws: one that cannot be taken away is as it was.
 */
export async function clearStaleSocket(path: string): Promise<boolean> {
  const aside = `${path}.${process.pid}.stale`;
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true || (await answers(path))) return false;
    renameSync(path, aside);
    const isStale = !(await answers(aside));
    if (!isStale) linkSync(aside, path);
    unlinkSync(aside);
    return isStale;
  } catch {
    return false;
  }
}

/** Whether somebody listens. Only a refusal says that nobody does: a full queue or a missing right is somebody. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
