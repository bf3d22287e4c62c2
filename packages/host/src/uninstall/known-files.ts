/** Which files of a home folder are Palmkey's own, by the names that it gives: whatever else stands there is somebody's. */
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gitSetupPaths } from '../git-setup/set-up-git.ts';
import type { Paths } from '../paths.ts';
import { serviceLog } from '../service/service-file.ts';

/** Left beside a file by a program that was ended while it wrote it. */
const halfWritten = /(\.\d+)?\.(next|new|stale)$/;
/** What SQLite keeps beside a database. */
const besideDatabase = ['-wal', '-shm', '-journal', '.sock'];

/** Folders of ours; others are not looked into. */
const folderNames = ['host', 'run', 'relay', 'try'];

/** What stands in a home folder. */
export interface Inventory {
  /** Absolute paths of files and sockets that are Palmkey's. */
  readonly ours: readonly string[];
  /** Files and folders that are not. */
  readonly others: readonly string[];
  /** Folders, the innermost first, the home last. */
  readonly folders: readonly string[];
}

/** Looks at the home folder and at that of the sockets, where it stands elsewhere. Follows no links. */
export function inventory(paths: Paths): Inventory {
  const { home, run } = paths;
  const known = knownFiles(paths);
  const isKnown = (path: string) => known.has(path) || known.has(path.replace(halfWritten, ''));
  const ours: string[] = [];
  const others: string[] = [];
  const folders: string[] = [];
  const walk = (folder: string) => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      const found = lstatSync(path);
      if (found.isDirectory() && (path === run || folderNames.includes(relative(home, path)))) walk(path);
      else if (path.endsWith('.sock') && isKnown(path)) (found.isSocket() ? ours : others).push(path);
      else (found.isFile() && isKnown(path) ? ours : others).push(path);
    }
    folders.push(folder);
  };
  const outside = relative(home, run).startsWith('..');
  for (const folder of outside ? [home, run] : [home]) {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) walk(folder);
  }
  return { ours, others, folders };
}

/** Every file that {@link paths} names, and those that other parts put beside them. */
function knownFiles(paths: Paths): ReadonlySet<string> {
  const { home, relay, relayDatabase, try: tried } = paths;
  const databases = [relayDatabase, join(relay, 'alone.sqlite')];
  return new Set<string>([
    ...Object.values<string>({ ...paths }),
    ...Object.values(gitSetupPaths(home)),
    serviceLog(home),
    ...databases.flatMap((path) => [path, ...besideDatabase.map((end) => path + end)]),
    join(relay, 'relay.log'),
    ...['host_ed25519', 'ssh_config', 'known_hosts', 'known_hosts.old'].map((name) => join(tried, name)),
  ]);
}
