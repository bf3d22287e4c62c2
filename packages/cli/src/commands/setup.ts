import type { Command } from 'commander';
import type { SetupFile, SetupFiles } from '@palmkey/host/setup';
import type { Cli } from '../cli.ts';
import { print, printJson } from '../print.ts';
import { setupOptions } from '../ssh-setup.ts';
import { paintFor } from '../voice/paint.ts';
import { setupLines } from '../voice/setup-words.ts';
import { addHomeOption, optionsOf, pathsOf, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly undo?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `setup`: leads ssh to this installation's agent, and back. Needs no running daemon. */
export function addSetup(program: Command, cli: Cli): void {
  addHomeOption(program.command('setup'))
    .description('let ssh ask your phone: adds one Include to ~/.ssh/config')
    .option('--undo', 'take exactly that out again')
    .option('--dry-run', 'only say what would change')
    .option('--json', 'what was done, as JSON')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { checkSsh, diskFiles, openHome, setUpSsh, undoSshSetup } = await import('@palmkey/host/setup');
      const files = options.dryRun === true ? readingOnly(diskFiles) : diskFiles;
      if (options.undo !== true && options.dryRun !== true) openHome(pathsOf(options, cli).home);
      const change = options.undo === true ? undoSshSetup : setUpSsh;
      const report = change({ ...setupOptions(pathsOf(options, cli), cli), files });
      const ssh = await checkSsh();
      if (options.json === true) return printJson(cli, { ...report, ssh, dryRun: options.dryRun === true });
      const { userFolder, me } = cli;
      const story = { report, ssh, undo: options.undo === true, dryRun: options.dryRun === true, userFolder, me };
      print(cli, ...setupLines(story, paintFor(cli.output, cli.env)));
    });
}

/** The same files, of which nothing is written: what the report says is then what would happen. */
function readingOnly(files: SetupFiles): SetupFiles {
  return {
    follow: (path) => files.follow(path),
    read: (path): SetupFile | null => files.read(path),
    glob: (pattern) => files.glob(pattern),
    replace: () => undefined,
    remove: () => undefined,
    makeFolder: () => undefined,
    hasFolder: (path) => files.hasFolder(path),
    removeEmptyFolder: () => undefined,
  };
}
