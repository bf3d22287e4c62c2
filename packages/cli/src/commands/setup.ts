import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { SetupFile, SetupFiles, UpstreamSetting } from '@palmkey/host/setup';
import type { Cli } from '../cli.ts';
import { print, printJson } from '../print.ts';
import { setupOptions } from '../ssh-setup.ts';
import { paintFor } from '../voice/paint.ts';
import { setupLines, upstreamLine } from '../voice/setup-words.ts';
import { addHomeOption, optionsOf, pathsOf, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly undo?: true;
  readonly upstream?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `setup`: leads ssh to this installation's agent, and back. Needs no running daemon. */
export function addSetup(program: Command, cli: Cli): void {
  addHomeOption(program.command('setup'))
    .description('let ssh ask your phone: adds one Include to ~/.ssh/config')
    .option('--undo', 'take exactly that out again')
    .addOption(
      new Option('--upstream <socket>', 'your other ssh agent: its socket, none, or auto (SSH_AUTH_SOCK)').conflicts(
        'undo',
      ),
    )
    .option('--dry-run', 'only say what would change')
    .option('--json', 'what was done, as JSON')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const host = await import('@palmkey/host/setup');
      const { checkSsh, diskFiles, openHome, setUpSsh, undoSshSetup } = host;
      const [undo, dryRun] = [options.undo === true, options.dryRun === true];
      const files = dryRun ? readingOnly(diskFiles) : diskFiles;
      const upstream = options.upstream === undefined ? null : upstreamSetting(options.upstream);
      const { home, agentSocket } = pathsOf(options, cli);
      if (!undo && !dryRun) openHome(home);
      // ssh would go there, and to no other agent, while nobody answers.
      if (!dryRun) await host.clearStaleSocket(agentSocket);
      if (upstream !== null && !dryRun) host.setUpstream(home, upstream);
      const change = undo ? undoSshSetup : setUpSsh;
      const report = change({ ...setupOptions(pathsOf(options, cli), cli), files });
      const ssh = await checkSsh();
      if (options.json === true) return printJson(cli, { ...report, ssh, dryRun, ...(upstream && { upstream }) });
      const { userFolder, me } = cli;
      const story = { report, ssh, undo, dryRun, userFolder, me };
      if (upstream !== null) print(cli, upstreamLine(upstream, dryRun, userFolder));
      print(cli, ...setupLines(story, paintFor(cli.output, cli.env)));
    });
}

function upstreamSetting(text: string): UpstreamSetting {
  if (text === 'none') return { is: 'none' };
  return text === 'auto' ? { is: 'environment' } : { is: 'path', path: resolve(text) };
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
