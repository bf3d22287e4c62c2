import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { print, printJson } from '../print.ts';
import { doctorLines, doctorSummary } from '../voice/doctor-words.ts';
import { paintFor } from '../voice/paint.ts';
import { addHomeOption, optionsOf, pathsOf, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly json?: true;
}

/** `doctor`: looks at every link from ssh to the phone. Ends with 1 when one is broken. */
export function addDoctor(program: Command, cli: Cli): void {
  addHomeOption(program.command('doctor'))
    .description('look at every link from ssh to the phone, and say what to do')
    .option('--json', 'all facts, as JSON')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { examine } = await import('@palmkey/host/doctor');
      const paths = pathsOf(options, cli);
      const found = await examine({ paths, userHome: cli.userFolder, version: cli.version, now: cli.now });
      const problems = found.filter(({ verdict }) => verdict === 'problem').length;
      if (options.json === true) printJson(cli, { home: paths.home, version: cli.version, findings: found });
      else {
        const context = { me: cli.me, userFolder: cli.userFolder, now: cli.now() };
        print(cli, ...doctorLines(found, context, paintFor(cli.output, cli.env)));
        if (problems === 0) print(cli, '', doctorSummary(found));
      }
      if (problems > 0) throw new CliError('unwell', { found: problems });
    });
}
