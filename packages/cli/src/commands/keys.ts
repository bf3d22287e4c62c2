import { type Command, Option } from 'commander';
import type { ControlClient, OffersFact } from '@palmkey/host/control';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { copyCommand, runCopy } from '../copy-key.ts';
import { parsePort } from '../origins.ts';
import { chooseKey, pairedKeys } from '../paired-keys.ts';
import { print, printJson } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { keyLines, offeredWords, offerWords, offLines } from '../voice/offer-words.ts';
import { keyName, keysOf } from '../voice/picture.ts';
import { shellWord } from '../voice/shell-word.ts';
import { visible } from '../voice/visible.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';
import { addReplace } from './keys-replace.ts';

interface ListOptions extends HomeOption {
  readonly json?: true;
}

interface CopyOptions extends HomeOption {
  readonly key?: string;
  readonly port?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

interface OfferOptions extends ListOptions {
  readonly to?: string[];
  readonly everywhere?: true;
}

interface OffOptions extends ListOptions {
  readonly undo?: true;
}

/** `keys`: lists them; `print` and `copy` bring one to a server; `replace` puts one in another's place; `offer`, `first` and `off` say which is offered where. */
export function addKeys(program: Command, cli: Cli): void {
  const keys = addHomeOption(program.command('keys'))
    .description('the keys on your phones: list, print, copy to a server, replace, offer')
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
  addReplace(keys, cli);
  addOffers(keys, cli);
}

function addOffers(keys: Command, cli: Cli): void {
  const wanted = 'its name or fingerprint, or how either begins';
  addHomeOption(keys.command('offer'))
    .description('say which servers a key is offered to')
    .argument('<key>', wanted)
    .addOption(
      new Option('--to <pattern...>', "hosts, as ssh calls them: db.corp '*.corp' '!build.corp'").conflicts(
        'everywhere',
      ),
    )
    .option('--everywhere', 'to every server')
    .option('--json', 'what holds now, as JSON')
    .action((key: string, _: unknown, command: Command) => offer(key, optionsOf<OfferOptions>(command), cli));
  addHomeOption(keys.command('first'))
    .description('offer a key before the others')
    .argument('<key>', wanted)
    .option('--json', 'what holds now, as JSON')
    .action((key: string, _: unknown, command: Command) => {
      const options = optionsOf<ListOptions>(command);
      return withDaemon(options, cli, async (control) => {
        const chosen = chooseKey(await pairedKeys(control), key);
        const offers = await control.call('prefer', { key: chosen.fingerprint });
        told(offers, options, cli, [offerWords.first(chosen)]);
      });
    });
  addHomeOption(keys.command('off'))
    .description('offer no key of a phone to some hosts; without a pattern: list them')
    .argument('[pattern]', "hosts, as ssh calls them: db.corp, '*.corp'")
    .option('--undo', 'offer them there again')
    .option('--json', 'what holds now, as JSON')
    .action((pattern: string | undefined, _: unknown, command: Command) =>
      switchOff(pattern, optionsOf<OffOptions>(command), cli),
    );
}

async function offer(wanted: string, options: OfferOptions, cli: Cli): Promise<void> {
  const to = options.everywhere === true ? null : options.to;
  if (to === undefined) throw new CliError('offer-where');
  await withDaemon(options, cli, async (control) => {
    const key = chooseKey(await pairedKeys(control), wanted);
    const offers = await control.call('offer', { key: key.fingerprint, to });
    const lines = [offeredWords(key, to)];
    if (to !== null)
      lines.push(`  ${paintFor(cli.output, cli.env).quiet(offerWords.offerHint(cli.me, shellWord(wanted)))}`);
    told(offers, options, cli, lines);
  });
}

function switchOff(pattern: string | undefined, options: OffOptions, cli: Cli): Promise<void> {
  const paint = paintFor(cli.output, cli.env);
  return withDaemon(options, cli, async (control) => {
    if (pattern === undefined) {
      const offers = await control.call('offers', {});
      told(offers, options, cli, offers.off.length === 0 ? [offerWords.none] : offLines(offers, paint));
      return;
    }
    const off = options.undo !== true;
    const offers = await control.call('offer-off', { pattern, off });
    const hint = `  ${paint.quiet(offerWords.offHint(cli.me, shellWord(pattern)))}`;
    told(offers, options, cli, off ? [offerWords.off(pattern), hint] : [offerWords.on(pattern)]);
  });
}

/** The facts, or the words for them. */
function told(offers: OffersFact, options: ListOptions, cli: Cli, lines: readonly string[]): void {
  if (options.json === true) printJson(cli, offers);
  else print(cli, ...lines);
}

async function list(control: ControlClient, options: ListOptions, cli: Cli): Promise<void> {
  const keys = keysOf(await control.call('status', {}));
  const offers = await control.call('offers', {});
  if (options.json === true) {
    const to = new Map(offers.keys.map((key) => [key.fingerprint, key.to]));
    printJson(
      cli,
      keys.map((key) => ({ ...key, offeredTo: to.get(key.fingerprint) ?? null })),
    );
    return;
  }
  if (keys.length === 0) await pairedKeys(control);
  const paint = paintFor(cli.output, cli.env);
  print(
    cli,
    ...keyLines(keys, offers, paint),
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
