import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { print, printJson } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { picture } from '../voice/picture.ts';
import { statusFooter, statusHeader } from '../voice/status-words.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly json?: true;
}

/** `status`: the facts of the present. */
export function addStatus(program: Command, cli: Cli): void {
  addHomeOption(program.command('status'))
    .description('what is connected, what waits')
    .option('--json', 'all facts, as JSON')
    .action((_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      return withDaemon(options, cli, async (control) => {
        const status = await control.call('status', {});
        if (options.json === true) {
          printJson(cli, status);
          return;
        }
        const paint = paintFor(cli.output, cli.env);
        const lines = [statusHeader(status, cli.now(), paint), '', ...picture(status, cli.now(), paint)];
        print(cli, ...lines, '', ...statusFooter(status, cli.userFolder, paint));
      });
    });
}
