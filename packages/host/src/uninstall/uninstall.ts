/** Takes Palmkey's state away: the home folder, as far as it is ours, and the folders that were made for it. */
import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ControlClient } from '../control/client.ts';
import type { Paths } from '../paths.ts';
import { madeFor } from '../state/open-home.ts';
import { PairingStore } from '../state/pairing-store.ts';
import { type Hold, holdFolder } from '../state/single-daemon.ts';
import { inventory } from './known-files.ts';
import { removeMade } from './remove-made.ts';

/** How long a daemon that was told to stop may take: three seconds for a pairing, and some for the rest. */
const stopsWithinMs = 10_000;
const lookEveryMs = 50;

export interface RemovedHome {
  readonly removed: readonly string[];
  /** Files of others in the home folder, and the history where it was to be kept. */
  readonly left: readonly string[];
}

/**
 * Deletes what is ours below the home folder; the folder is held meanwhile, so that no daemon starts on it.
 * @throws StateError `already-running` while a daemon runs there; the system's errors when something cannot be removed.
 */
export async function removeHome(paths: Paths, options: { readonly keepHistory: boolean }): Promise<RemovedHome> {
  const hold = await holdHome(paths);
  try {
    const made = madeOf(paths.home);
    const { ours, others, folders } = inventory(paths);
    const history = options.keepHistory ? ours.filter((path) => path === paths.log) : [];
    // The lock goes last: until then nobody starts here.
    const removed = ours.filter((path) => !history.includes(path) && path !== paths.lock);
    for (const path of removed) rmSync(path, { force: true });
    hold?.release();
    for (const folder of folders) removeEmpty(folder);
    if (made !== null && !existsSync(paths.home)) removeMade(dirname(paths.home), made);
    return { removed, left: [...others, ...history] };
  } finally {
    hold?.release();
  }
}

/** Tells the running daemon to stop, and resolves when it has let go of the folder: false when it has not in time. */
export async function stopDaemon(paths: Paths): Promise<boolean> {
  const control = await ControlClient.connect(paths.controlSocket);
  await control.call('stop', {});
  control.close();
  for (let waited = 0; waited < stopsWithinMs; waited += lookEveryMs) {
    if (!existsSync(paths.lock)) return true;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return false;
}

async function holdHome(paths: Paths): Promise<Hold | null> {
  if (!existsSync(paths.host)) return null;
  return holdFolder(paths.lock, async () => {
    try {
      (await ControlClient.connect(paths.controlSocket)).close();
      return true;
    } catch {
      return false;
    }
  });
}

/** A file that does not say so costs no more than an empty folder that stays. */
function madeOf(home: string): string | null {
  try {
    return madeFor(home);
  } catch {
    return null;
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody's files are in it.
  }
}

/** The names of the phones that are paired, for whoever cannot ask a daemon; none where the file cannot be read. */
export function pairedNames(pairings: string): string[] {
  try {
    return new PairingStore(pairings).list().map(({ peer }) => peer.name);
  } catch {
    return [];
  }
}
