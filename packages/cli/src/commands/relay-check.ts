import type { Command } from 'commander';
import { contradictionIn } from '@palmkey/relay/settings';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { print, printJson } from '../print.ts';
import { addConfigOption, configurationOf, settingError, storeOf, type Configuration } from '../relay/configuration.ts';
import { paintFor } from '../voice/paint.ts';
import { problemLines, wordsFor } from '../voice/problem.ts';
import { checkFacts, checkLines, checkNotes } from '../voice/relay-check-words.ts';
import { optionsOf, pathsOf, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly json?: true;
}

/** `relay check`: what the relay would run with, where each value came from, and what is wrong. */
export function addRelayCheck(relay: Command, cli: Cli): void {
  addConfigOption(relay.command('check'))
    .description('show what a relay would run with, and what is wrong; it takes the options of relay too')
    .option('--json', 'the same as JSON')
    .action((_: unknown, command: Command) => {
      const configuration = configurationOf(relay, cli);
      const faults = [...configuration.problems.map(settingError), ...contradictions(configuration)];
      const options = optionsOf<Options>(command);
      if (options.json === true) printJson(cli, checkFacts(configuration, faults));
      else {
        const paint = paintFor(cli.output, cli.env);
        print(cli, ...checkLines(configuration, storeOf(pathsOf(options, cli)), paint));
        for (const fault of faults) print(cli, '', ...problemLines(wordsFor(fault, cli.me), paint));
        print(cli, ...checkNotes(configuration, paint));
        if (faults.length === 0) print(cli, '', paint.good('Nothing is wrong with it.'));
      }
      if (faults.length > 0) throw new CliError('bad-configuration', { found: faults.length });
    });
}

/** What only shows where all settings are seen together. */
function contradictions({ settings }: Configuration): CliError[] {
  const code = settings === null ? null : contradictionIn(settings);
  if (settings === null || code === null) return [];
  return [new CliError(code, { listen: settings.listen, port: settings.port, url: settings.publicUrl.join(' ') })];
}
