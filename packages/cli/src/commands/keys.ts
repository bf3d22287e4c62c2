import type { Command } from 'commander';
import type { ControlClient, KeyFact } from '@palmkey/host/control';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { copyCommand, runCopy } from '../copy-key.ts';
import { parsePort } from '../origins.ts';
import { print, printJson } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { keyName, keysOf, shortType } from '../voice/picture.ts';
import { shellWord } from '../voice/shell-word.ts';
import { table } from '../voice/table.ts';
import { visible } from '../voice/visible.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';

interface ListOptions extends HomeOption {
  readonly json?: true;
}

interface CopyOptions extends HomeOption {
  readonly key?: string;
  readonly port?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `keys`: lists them; `keys print` and `keys copy` bring one to a server. */
export function addKeys(program: Command, cli: Cli): void {
  const keys = addHomeOption(program.command('keys'))
    .description('the keys on your phones: list, print, copy to a server')
    .option('--json', 'all facts, as JSON')
    .action((_: unknown, command: Command) => {
      const options = optionsOf<ListOptions>(command);
      return withDaemon(options, cli, (control) => list(control, options, cli));
    });
  addHomeOption(keys.command('print'))
    .description('the lines for authorized_keys')
    .argument('[key]', 'its name or fingerprint, or how either begins')
    .action((wanted: string | undefined, _: unknown, command: Command) =>
      withDaemon(optionsOf<HomeOption>(command), cli, async (control) => {
        const all = await pairedKeys(control);
        print(cli, ...(wanted === undefined ? all : [chooseKey(all, wanted)]).map(({ line }) => line));
      }),
    );
  addHomeOption(keys.command('copy'))
    .description('add a key to a server, over ssh with your other credentials')
    .argument('<destination>', 'user@host, or a name from your ssh config')
    .option('-k, --key <key>', 'which key: its name or fingerprint')
    .option('-p, --port <port>', "the server's port")
    .option('--dry-run', 'only show the command')
    .action((destination: string, _: unknown, command: Command) =>
      copy(destination, optionsOf<CopyOptions>(command), cli),
    );
}

async function list(control: ControlClient, options: ListOptions, cli: Cli): Promise<void> {
  const keys = keysOf(await control.call('status', {}));
  if (options.json === true) {
    printJson(cli, keys);
    return;
  }
  if (keys.length === 0) await pairedKeys(control);
  const paint = paintFor(cli.output, cli.env);
  print(
    cli,
    ...table(
      keys.map((key) => [paint.strong(keyName(key)), shortType(key.type), key.fingerprint, `on ${visible(key.phone)}`]),
    ),
    '',
    paint.quiet(
      `${cli.me} keys copy user@host brings one to a server; ${cli.me} keys print shows the line to add by hand.`,
    ),
  );
}

async function copy(destination: string, options: CopyOptions, cli: Cli): Promise<void> {
  const port = options.port === undefined ? undefined : parsePort(options.port);
  const target = { destination, port };
  await withDaemon(options, cli, async (control) => {
    const status = await control.call('status', {});
    const key = chooseKey(await pairedKeys(control), options.key);
    const command = copyCommand(target, key.line, { own: cli.env.SSH_AUTH_SOCK, palmkey: status.agentSocket });
    const paint = paintFor(cli.output, cli.env);
    if (options.dryRun === true) {
      const words = [command.program, ...command.args].map(shellWord).join(' ');
      print(
        cli,
        `Would add to ~/.ssh/authorized_keys on ${visible(destination)}:`,
        '',
        key.line,
        '',
        'with',
        '',
        words,
      );
      return;
    }
    const done = await runCopy(command, target, cli.stopping);
    const where = `${visible(destination)} (~/.ssh/authorized_keys)`;
    print(cli, done === 'added' ? `Added ${keyName(key)} to ${where}.` : `${keyName(key)} is on ${where} already.`);
    print(cli, `  ${paint.quiet('Keep a second way in: this key lives on the phone only')}`);
  });
}

export async function pairedKeys(control: ControlClient): Promise<readonly KeyFact[]> {
  const status = await control.call('status', {});
  if (status.phones.length === 0) throw new CliError('no-phone');
  const keys = keysOf(status);
  if (keys.length === 0) throw new CliError('no-keys');
  return keys;
}

/** The key that `wanted` names (a comment, a fingerprint, or how one begins), or the only one. */
export function chooseKey(keys: readonly KeyFact[], wanted: string | undefined): KeyFact {
  const exact = keys.filter((key) => key.comment === wanted || key.fingerprint === wanted);
  const bare = (wanted ?? '').replace(/^SHA256:/, '');
  const begun = keys.filter(
    (key) => key.comment.startsWith(wanted ?? '') || key.fingerprint.startsWith(`SHA256:${bare}`),
  );
  const [chosen, ...others] = exact.length > 0 ? exact : begun;
  if (chosen === undefined) throw new CliError('no-such-key', { key: wanted ?? null });
  if (others.length > 0) throw new CliError('which-key');
  return chosen;
}
