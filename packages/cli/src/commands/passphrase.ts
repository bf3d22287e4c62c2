import { ControlClient, ControlError, type KeysState } from '@palmkey/host/control';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { PassphraseInput } from '../passphrase-input.ts';
import { print } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { passphraseWords } from '../voice/passphrase-words.ts';
import { addHomeOption, optionsOf, pathsOf, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly remove?: true;
  readonly stdin?: true;
}

/** Who changes the passphrase: the running daemon, or where none runs this program. */
interface Keeper extends Disposable {
  readonly state: KeysState;
  change(old: string | null, next: string | null): Promise<unknown>;
}

/** `passphrase`: sets, changes and removes the one that locks this computer's keys. */
export function addPassphrase(program: Command, cli: Cli): void {
  addHomeOption(program.command('passphrase'))
    .description('lock this computer’s own keys by a passphrase: set it, change it, remove it')
    .option('--remove', 'take it away: the keys stand in the open then')
    .option('--stdin', 'read from the input, a line each: the one that holds, if there is one, then the new one')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { passphraseInput } = await import('../passphrase-input.ts');
      using keeper = await keeperOf(options, cli);
      using input = passphraseInput(options.stdin === true, cli);
      await change(keeper, input, options.remove === true, cli);
    });
}

async function change(keeper: Keeper, input: PassphraseInput, remove: boolean, cli: Cli): Promise<void> {
  const { untilRight } = await import('../passphrase-input.ts');
  const paint = paintFor(cli.output, cli.env);
  if (keeper.state === 'plain') {
    if (remove) throw new ControlError('no-passphrase');
    await keeper.change(null, await input.next());
    print(cli, ...passphraseWords.set(cli.me, paint));
    return;
  }
  if (remove) {
    await untilRight(input, passphraseWords.askOld, (old) => keeper.change(old, null), cli);
    print(cli, ...passphraseWords.removed(paint));
    return;
  }
  // Asked once: a wrong old one is no reason to think of a new one again.
  let next: Promise<string> | undefined;
  const both = async (old: string) => keeper.change(old, await (next ??= input.next()));
  await untilRight(input, passphraseWords.askOld, both, cli);
  print(cli, ...passphraseWords.changed(paint));
}

async function keeperOf(options: HomeOption, cli: Cli): Promise<Keeper> {
  const { controlSocket, home } = pathsOf(options, cli);
  try {
    const control = await ControlClient.connect(controlSocket);
    const stop = () => control.close();
    cli.stopping.addEventListener('abort', stop);
    const { deviceKeys } = await control.call('status', {});
    return {
      state: deviceKeys,
      change: async (old, next) => {
        await control.call('change-passphrase', { old, next });
        // Where it opened the keys, the daemon begins anew: it is waited for.
        (await ControlClient.connect(controlSocket)).close();
      },
      [Symbol.dispose]: () => {
        cli.stopping.removeEventListener('abort', stop);
        control.close();
      },
    };
  } catch (error) {
    if (!(error instanceof ControlError && error.code === 'not-running')) throw error;
  }
  const { changePassphraseAlone, storedKeysState } = await import('@palmkey/host');
  return {
    state: storedKeysState(home),
    change: (old, next) => changePassphraseAlone(home, old, next),
    [Symbol.dispose]: () => undefined,
  };
}
