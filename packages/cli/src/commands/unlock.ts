import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { print } from '../print.ts';
import { passphraseWords } from '../voice/passphrase-words.ts';
import { paintFor } from '../voice/paint.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly stdin?: true;
}

/** `unlock` and `lock`: the running Palmkey gets what opens its keys, and forgets it. */
export function addUnlock(program: Command, cli: Cli): void {
  addHomeOption(program.command('unlock'))
    .description('give the passphrase to the Palmkey that runs, which asks your phone again then')
    .option('--stdin', 'read the passphrase from the input, one line')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const was = await withDaemon(options, cli, async (control) => {
        const { deviceKeys } = await control.call('status', {});
        if (deviceKeys !== 'locked') return deviceKeys;
        const { passphraseInput, untilRight } = await import('../passphrase-input.ts');
        using input = passphraseInput(options.stdin === true, cli);
        const unlock = (passphrase: string) => control.call('unlock', { passphrase });
        await untilRight(input, passphraseWords.ask, unlock, cli);
        return deviceKeys;
      });
      if (was !== 'locked') return print(cli, passphraseWords.notLocked(was));
      // It has begun anew; that it answers is what was asked for.
      await withDaemon(options, cli, (control) => control.call('status', {}));
      print(cli, paintFor(cli.output, cli.env).good(passphraseWords.unlocked));
    });
  addHomeOption(program.command('lock'))
    .description('let the Palmkey that runs forget its keys until the passphrase is given again')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<HomeOption>(command);
      await withDaemon(options, cli, (control) => control.call('lock', {}));
      await withDaemon(options, cli, (control) => control.call('status', {}));
      print(cli, ...passphraseWords.locked(cli.me, paintFor(cli.output, cli.env)));
    });
}
