import { InvalidArgumentError, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { print, printJson } from '../print.ts';
import { logLines } from '../voice/log-lines.ts';
import { paintFor } from '../voice/paint.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly json?: true;
  readonly limit: number;
}

/** `log`: what was asked and how it ended, newest last. */
export function addLog(program: Command, cli: Cli): void {
  addHomeOption(program.command('log'))
    .description('what was asked and how it ended, newest last')
    .option('-n, --limit <count>', 'how many', parseCount, 20)
    .option('--json', 'all facts, as JSON')
    .action((_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      return withDaemon(options, cli, async (control) => {
        const facts = oldestFirst(await control.call('log', { limit: options.limit }));
        if (options.json === true) {
          printJson(cli, facts);
          return;
        }
        if (facts.length === 0) {
          print(cli, 'Nothing has happened yet.');
          return;
        }
        print(cli, ...logLines(facts, cli.now(), paintFor(cli.output, cli.env)));
      });
    });
}

/** Facts as they were written, newest first, in the order of their times; of one millisecond as they were written. */
export function oldestFirst<Fact extends { readonly at: number }>(newestFirst: readonly Fact[]): readonly Fact[] {
  return newestFirst.toReversed().sort((a, b) => a.at - b.at);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 10_000)
    throw new InvalidArgumentError('It is a number from 1 to 10000.');
  return count;
}
