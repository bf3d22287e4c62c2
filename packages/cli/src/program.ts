import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { addAccount } from './commands/account.ts';
import { addCompletions } from './commands/completions.ts';
import { addDoctor } from './commands/doctor.ts';
import { addGit } from './commands/git.ts';
import { addHelp } from './commands/help.ts';
import { addKeys } from './commands/keys.ts';
import { addLog } from './commands/log.ts';
import { addMan } from './commands/man.ts';
import { addPair } from './commands/pair.ts';
import { addPassphrase } from './commands/passphrase.ts';
import { showPresent } from './commands/present.ts';
import { addRelay } from './commands/relay.ts';
import { addService } from './commands/service.ts';
import { addSetup } from './commands/setup.ts';
import { addStatus } from './commands/status.ts';
import { addUninstall } from './commands/uninstall.ts';
import { addUnlock } from './commands/unlock.ts';
import { addUnpair } from './commands/unpair.ts';
import { addUp } from './commands/up.ts';
import { addHomeOption, type HomeOption } from './commands/home-option.ts';
import { paintFor } from './voice/paint.ts';

/** The whole command line. */
export function buildProgram(cli: Cli): Command {
  const paint = paintFor(cli.errors, cli.env);
  const program = new Command('palmkey')
    .description('Your keys live on your phone. This computer asks.')
    .version(cli.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show how a command is used')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => cli.output.write(text),
      writeErr: (text) => cli.errors.write(text),
      getOutHelpWidth: () => Math.min(cli.output.columns ?? 80, 100),
      getErrHelpWidth: () => Math.min(cli.errors.columns ?? 80, 100),
      outputError: (text, write) => {
        const [problem = '', ...more] = text
          .replace(/^error: /, '')
          .trimEnd()
          .split('\n');
        const todo = more.length > 0 ? more.join(' ') : `${cli.me} help shows how it goes`;
        write(`${paint.bad('palmkey:')} ${problem}\n  ${paint.quiet(todo)}\n`);
      },
    });
  addHomeOption(program)
    .argument('[command]')
    .action(async (unknown: string | undefined, options: HomeOption) => {
      if (unknown !== undefined) program.error(`error: there is no command ${unknown}`, { exitCode: 2 });
      await showPresent(options, cli);
    });
  program.usage('[command] [options]');
  addUp(program, cli);
  addPair(program, cli);
  addUnpair(program, cli);
  addStatus(program, cli);
  addKeys(program, cli);
  addAccount(program, cli);
  addPassphrase(program, cli);
  addUnlock(program, cli);
  addSetup(program, cli);
  addGit(program, cli);
  addLog(program, cli);
  addRelay(program, cli);
  addDoctor(program, cli);
  addService(program, cli);
  addUninstall(program, cli);
  addCompletions(program, cli);
  addMan(program, cli);
  addHelp(program, cli);
  return program;
}
