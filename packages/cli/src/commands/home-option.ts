import type { Command } from 'commander';
import { ControlClient, paths, type Paths } from '@palmkey/host/control';
import type { Cli } from '../cli.ts';
import { homeFolder } from '../home-folder.ts';

export interface HomeOption {
  readonly home?: string;
}

/** Gives a command `--home`. */
export function addHomeOption(command: Command): Command {
  return command.option('--home <folder>', 'where everything of this installation stands (or PALMKEY_HOME)');
}

/** A command's options together with those that stand before its name: `palmkey --home X status` is as good. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- commander's own form: what was declared is what is there
export function optionsOf<Options extends object>(command: Command): Options {
  return command.optsWithGlobals<Options>();
}

/** The paths below the home folder that the options name. */
export function pathsOf(options: HomeOption, cli: Cli): Paths {
  return paths(homeFolder(options.home, cli));
}

/** Talks to the running daemon for as long as `use` takes. Throws ControlError `not-running` when there is none. */
export async function withDaemon<T>(
  options: HomeOption,
  cli: Cli,
  use: (control: ControlClient) => Promise<T>,
): Promise<T> {
  const control = await ControlClient.connect(pathsOf(options, cli).controlSocket);
  const stop = () => control.close();
  cli.stopping.addEventListener('abort', stop);
  try {
    return await use(control);
  } finally {
    cli.stopping.removeEventListener('abort', stop);
    control.close();
  }
}
