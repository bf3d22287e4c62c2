import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { print, printJson } from '../print.ts';
import { gitSetupLines, gitUndoLines } from '../voice/git-words.ts';
import { paintFor } from '../voice/paint.ts';
import { addHomeOption, optionsOf, pathsOf, withDaemon, type HomeOption } from './home-option.ts';
import { chooseKey, pairedKeys } from '../paired-keys.ts';

interface Options extends HomeOption {
  readonly local?: true;
  readonly key?: string;
  readonly undo?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `git setup`: commits and tags are asked of a phone, and back. */
export function addGit(program: Command, cli: Cli): void {
  const git = program.command('git').description('sign commits and tags with a key on your phone');
  addHomeOption(git.command('setup'))
    .description('let git ask your phone for each commit and tag')
    .option('--global', 'for all of your repositories (what it does anyway)')
    .option('--local', 'for this repository alone')
    .option('-k, --key <key>', 'which key: its name or fingerprint')
    .option('--undo', 'bring back exactly what was before')
    .option('--dry-run', 'only say what would change')
    .option('--json', 'what was done, as JSON')
    .action((_: unknown, command: Command) => setUp(optionsOf<Options>(command), cli));
}

async function setUp(options: Options, cli: Cli): Promise<void> {
  const { gitIn, setUpGit, undoGitSetup } = await import('@palmkey/host/git');
  const { home } = pathsOf(options, cli);
  const dryRun = options.dryRun === true;
  const scope = options.local === true ? 'local' : 'global';
  const folder = process.cwd();
  const common = {
    scope,
    home,
    git: gitIn(folder, { ...cli.env }),
    folder,
    userHome: cli.userFolder,
    env: cli.env,
    now: () => new Date(cli.now()),
    dryRun,
  } as const;
  const paint = paintFor(cli.output, cli.env);
  const story = { userFolder: cli.userFolder, me: cli.me, scope, dryRun } as const;
  if (options.undo === true) {
    const report = undoGitSetup(common);
    if (options.json === true) {
      printJson(cli, { ...report, dryRun });
      return;
    }
    print(cli, ...gitUndoLines(report, story, paint));
    return;
  }
  await withDaemon(options, cli, async (control) => {
    const keys = await pairedKeys(control);
    const key = chooseKey(keys, options.key ?? (await present(keys, common)));
    const report = setUpGit(common, {
      signingKey: withoutComment(key.line),
      keys: keys.map(({ line }) => withoutComment(line)),
      node: process.execPath,
      main: cli.gitSigner,
    });
    if (options.json === true) {
      printJson(cli, { ...report, dryRun });
      return;
    }
    print(cli, ...gitSetupLines(report, story, paint));
  });
}

/** The key that git signs with already, if it is one of these: set up again, it stays. */
async function present(
  keys: Awaited<ReturnType<typeof pairedKeys>>,
  options: Parameters<typeof import('@palmkey/host/git').signingKeyOf>[0],
): Promise<string | undefined> {
  const { signingKeyOf } = await import('@palmkey/host/git');
  const found = signingKeyOf(options);
  return keys.find(({ line }) => withoutComment(line) === found)?.fingerprint;
}

function withoutComment(line: string): string {
  return line.split(' ').slice(0, 2).join(' ');
}
