/** What other programs were told of Palmkey, and how each is told to forget it. */
import { existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gitIn } from '../git-setup/git-program.ts';
import { gitSetupPaths, undoGitSetup } from '../git-setup/set-up-git.ts';
import { type Entry, readEntries } from '../git-setup/setup-state.ts';
import type { Paths } from '../paths.ts';
import { withoutBlock } from '../setup/include-block.ts';
import { undoSshSetup } from '../setup/set-up-ssh.ts';
import { diskFiles } from '../setup/setup-files.ts';

export interface UndoContext {
  readonly paths: Paths;
  /** The person's home folder. */
  readonly userHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

export interface UndoReport {
  /** The files that were changed or taken away. */
  readonly changed: readonly string[];
  /** Copies of the person's files that hold something which is nowhere else now, and so stay. */
  readonly kept: readonly string[];
}

export interface UndoStep {
  readonly name: 'ssh' | 'git';
  undo(context: UndoContext): UndoReport | Promise<UndoReport>;
}

/** In the order in which they are taken. */
export const undoSteps: readonly UndoStep[] = [
  { name: 'ssh', undo: undoSsh },
  { name: 'git', undo: undoGit },
];

/**
 * Takes the block out of ssh's configuration, then the copies that setup had kept, as far as nothing is in them that is
 * not in the configuration as it is now.
 * @throws SetupError, or the system's errors; a second run goes on from there.
 */
function undoSsh({ paths, userHome, now }: UndoContext): UndoReport {
  const folder = join(userHome, '.ssh');
  const path = diskFiles.follow(join(folder, 'config'));
  const { memory } = withoutBlock(diskFiles.read(path)?.text ?? '', path);
  const { sshConfig, agentSocket, knownHostsCommand } = paths;
  const { changed } = undoSshSetup({ userHome, sshConfig, agentSocket, knownHostsCommand, now });
  const text = diskFiles.read(path)?.text ?? '';
  const kept: string[] = [];
  for (const backup of diskFiles.glob(`${folder.replaceAll(/[*?[\]\\]/g, '\\$&')}/config.palmkey-backup-*`)) {
    if (stripped(diskFiles.read(backup)?.text ?? '', backup) === text) rmSync(backup);
    else kept.push(backup);
  }
  const gone = lstatSync(path, { throwIfNoEntry: false }) === undefined;
  if (gone && memory?.folder === true) diskFiles.removeEmptyFolder(folder);
  return { changed, kept };
}

/** Brings back each of git's files that was changed, and takes away the copies that are the same as what stands there. */
function undoGit(context: UndoContext): UndoReport {
  const changed: string[] = [];
  const kept: string[] = [];
  for (const entry of readEntries(gitSetupPaths(context.paths.home).state)) {
    if (undoEntry(entry, context)) changed.push(entry.file);
    for (const copy of diskFiles.glob(`${entry.file.replaceAll(/[*?[\]\\]/g, '\\$&')}.palmkey-backup-*`)) {
      if (existsSync(entry.file) && readFileSync(copy).equals(readFileSync(entry.file))) rmSync(copy);
      else kept.push(copy);
    }
  }
  return { changed, kept };
}

/** A repository that is gone has taken its settings with it. */
function undoEntry({ scope, file }: Entry, { paths, userHome, env, now }: UndoContext): boolean {
  const folder = scope === 'global' ? userHome : dirname(file);
  if (!existsSync(folder)) return false;
  const git = gitIn(folder, { ...env });
  return undoGitSetup({ scope, home: paths.home, git, folder, userHome, env: { ...env }, now, dryRun: false }) !== null;
}

function stripped(text: string, path: string): string {
  try {
    return withoutBlock(text, path).text;
  } catch {
    return text;
  }
}
