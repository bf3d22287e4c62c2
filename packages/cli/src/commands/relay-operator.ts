import type { Command } from 'commander';
import { invitationLink, type ListFact, type OperatorDesk, type SubjectKind } from '@palmkey/relay/control';
import { parseDuration } from '@palmkey/relay/settings';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { print, printJson } from '../print.ts';
import { configurationOf, settledOf } from '../relay/configuration.ts';
import { operatorCommand, withDesk, type OperatorOptions } from '../relay/operator-access.ts';
import { paintFor, type Paint } from '../voice/paint.ts';
import { drawQr, isLightTerminal, maxQrColumns } from '../voice/qr.ts';
import {
  accountLines,
  deviceLines,
  invitationLines,
  invitedLines,
  operatorWords,
} from '../voice/relay-operator-words.ts';
import { optionsOf } from './home-option.ts';

interface InviteOptions extends OperatorOptions {
  readonly uses: string;
  readonly for: string;
}

interface ListOptions extends OperatorOptions {
  readonly limit: string;
}

interface OrderOptions extends OperatorOptions {
  readonly account?: true;
  readonly invitation?: true;
}

/** `relay invite`, `invitations`, `accounts`, `devices`, `block`, `unblock`, `remove`: who may use a relay. */
export function addRelayOperator(relay: Command, cli: Cli): void {
  operatorCommand(relay, 'invite', 'make an invitation: who has its code can join')
    .option('--uses <number>', 'how many devices it admits', '1')
    .option('--for <time>', 'how long it is good, like 2h or 7d', '7d')
    .action((_: unknown, command: Command) => invite(relay, optionsOf<InviteOptions>(command), cli));
  addList(relay, cli, 'invitations', (desk, limit) => desk.invitations({ limit }), invitationLines);
  addList(relay, cli, 'accounts', (desk, limit) => desk.accounts({ limit }), accountLines);
  addList(relay, cli, 'devices', (desk, limit) => desk.devices({ limit }), deviceLines);
  addOrder(relay, cli, 'block', 'disconnect a device and let it in no more');
  addOrder(relay, cli, 'unblock', 'let a blocked device in again');
  addOrder(relay, cli, 'remove', 'forget a device and what is kept for it').option(
    '--invitation',
    'an invitation: the id is one of relay invitations',
  );
}

async function invite(relay: Command, options: InviteOptions, cli: Cli): Promise<void> {
  const uses = countOf(options.uses, '--uses');
  const lifetimeMs = parseDuration(options.for);
  if (lifetimeMs === undefined || lifetimeMs < 1000 || lifetimeMs > 366 * 86_400_000) {
    throw new CliError('bad-time', { found: options.for });
  }
  const { invited, url } = await withDesk(relay, options, cli, async (desk) => ({
    invited: await desk.invite({ uses, lifetimeMs }),
    // A store alone does not know by which name devices reach its relay.
    url: (await desk.status({})).url || addressOf(relay, cli),
  }));
  const link = invitationLink(url, invited.code);
  if (options.json === true) {
    printJson(cli, { ...invited, url, link });
    return;
  }
  const { isTTY, columns = maxQrColumns } = cli.output;
  const qr = isTTY === true ? drawQr(link, { columns, light: isLightTerminal(cli.env.COLORFGBG) }) : undefined;
  print(cli, ...invitedLines(invited, { url, link, qr }, cli.now(), paintFor(cli.output, cli.env)));
}

function addList<Row>(
  relay: Command,
  cli: Cli,
  name: 'invitations' | 'accounts' | 'devices',
  ask: (desk: OperatorDesk, limit: number) => Promise<ListFact<Row>>,
  words: (list: ListFact<Row>, now: number, paint: Paint) => string[],
): void {
  operatorCommand(relay, name, `list the ${name}`)
    .option('--limit <number>', 'how many at most', '100')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<ListOptions>(command);
      const limit = countOf(options.limit, '--limit');
      const found = await withDesk(relay, options, cli, (desk) => ask(desk, limit));
      if (options.json === true) return printJson(cli, found);
      print(cli, ...words(found, cli.now(), paintFor(cli.output, cli.env)));
    });
}

function addOrder(relay: Command, cli: Cli, name: 'block' | 'unblock' | 'remove', about: string): Command {
  return operatorCommand(relay, name, about)
    .argument('<id>', 'its id, or the beginning of it')
    .option('--account', 'an account, with all its devices')
    .action(async (id: string, _: unknown, command: Command) => {
      const options = optionsOf<OrderOptions>(command);
      const kind = kindOf(options);
      const beginning = id.toLowerCase().replaceAll('-', '');
      if (!/^[0-9a-f]{1,64}$/.test(beginning)) throw new CliError('bad-id', { found: id });
      const done = await withDesk(relay, options, cli, (desk) => {
        if (name === 'remove') return desk.remove({ kind, beginning });
        return desk[name]({ kind: kind === 'account' ? 'account' : 'device', beginning });
      });
      if (options.json === true) return printJson(cli, done);
      print(cli, ...operatorWords.done(name, done, cli.me, paintFor(cli.output, cli.env)));
    });
}

function kindOf({ account, invitation }: OrderOptions): SubjectKind {
  if (account === true && invitation === true) throw new CliError('bad-id', { found: '--account --invitation' });
  if (invitation === true) return 'invitation';
  return account === true ? 'account' : 'device';
}

function addressOf(relay: Command, cli: Cli): string {
  const { publicUrl, port } = settledOf(configurationOf(relay, cli));
  return publicUrl[0] ?? `http://localhost:${port}`;
}

function countOf(text: string, option: string): number {
  const count = Number(text);
  if (!/^\d{1,5}$/.test(text) || count < 1 || count > 10_000) throw new CliError('bad-count', { found: text, option });
  return count;
}
