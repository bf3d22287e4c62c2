import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { print, printJson } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { visible } from '../voice/visible.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly json?: true;
}

/** `unpair [phone]`: ends a pairing, on this side at once. */
export function addUnpair(program: Command, cli: Cli): void {
  addHomeOption(program.command('unpair'))
    .description('end the pairing with a phone')
    .argument('[phone]', 'its name or id, or how either begins; may be left out when there is one')
    .option('--json', 'what was done, as JSON')
    .action((phone: string | undefined, _: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      return withDaemon(options, cli, async (control) => {
        const chosen = phone ?? onlyPhone((await control.call('status', {})).phones.map(({ id }) => id));
        const done = await control.call('unpair', { phone: chosen });
        if (options.json === true) {
          printJson(cli, done);
          return;
        }
        const name = visible(done.name);
        print(cli, `Unpaired ${name}. Its keys are no longer offered here.`);
        const rest = [
          `Servers that have its keys still accept them. Where it was lost, ${cli.me} keys replace changes that`,
          ...(done.told ? [] : [`${name} could not be told: remove this computer there too`]),
        ];
        print(cli, ...rest.map((line) => `  ${paintFor(cli.output, cli.env).quiet(line)}`));
      });
    });
}

function onlyPhone(ids: readonly string[]): string {
  const [only, ...more] = ids;
  if (only === undefined) throw new CliError('no-phone');
  if (more.length > 0) throw new CliError('which-phone');
  return only;
}
