/** Which files of a home folder are Palmkey's own, by the names that it gives: whatever else stands there is somebody's. */
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Paths } from '../paths.ts';

/** Left beside a file by a program that was ended while it wrote it. */
const halfWritten = String.raw`(\.\d+)?(\.(next|new|stale))?`;
const known = [
  'home\\.json',
  'ssh_config',
  'service\\.log',
  'host/(device\\.json|pairings\\.json|keys\\.json|servers\\.json|upstream\\.json|replay\\.log|log\\.jsonl|daemon\\.pid|claims|known-hosts)',
  'relay/(relay|alone)\\.sqlite(-wal|-shm|-journal)?',
  'relay/relay\\.log',
  'try/(host_ed25519|ssh_config|known_hosts(\\.old)?)',
].map((pattern) => new RegExp(`^${pattern}${halfWritten}$`));

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
export function inventory({ home, run, agentSocket, controlSocket }: Paths): Inventory {
  const ours: string[] = [];
  const others: string[] = [];
  const folders: string[] = [];
  const walk = (folder: string) => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      const found = lstatSync(path);
      if (found.isDirectory() && (path === run || folderNames.includes(relative(home, path)))) walk(path);
      else if (path === agentSocket || path === controlSocket) (found.isSocket() ? ours : others).push(path);
      else (found.isFile() && isKnown(relative(home, path)) ? ours : others).push(path);
    }
    folders.push(folder);
  };
  const outside = relative(home, run).startsWith('..');
  for (const folder of outside ? [home, run] : [home]) {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) walk(folder);
  }
  return { ours, others, folders };
}

function isKnown(path: string): boolean {
  return known.some((pattern) => pattern.test(path));
}
