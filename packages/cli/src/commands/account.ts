import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { homeFolder } from '../home-folder.ts';
import { parsePublicUrl } from '../origins.ts';
import { print, printJson } from '../print.ts';
import { accountLines, accountLogLines, accountWords } from '../voice/account-words.ts';
import { paintFor } from '../voice/paint.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly json?: true;
}

interface LeaveOptions extends Options {
  readonly yes?: true;
}

/** `account`: who is in it; its `log`, `export` it, `move` with it, `leave` it. */
export function addAccount(program: Command, cli: Cli): void {
  const account = addHomeOption(program.command('account'))
    .description('your account: its devices, its history, its relay; leave it')
    .option('--json', 'all facts, as JSON')
    .action((_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      return withDaemon(options, cli, async (control) => {
        const fact = await control.call('account', {});
        const paint = paintFor(cli.output, cli.env);
        if (options.json === true) printJson(cli, fact);
        else print(cli, ...(fact === null ? accountWords.none(cli.me, paint) : accountLines(fact, cli.now(), paint)));
      });
    });
  addHomeOption(account.command('log'))
    .description('who was added and taken out, by whom, oldest first')
    .option('--json', 'all facts, as JSON')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { accountLog } = await import('@palmkey/host');
      const facts = accountLog(homeFolder(options.home, cli), accountWords.self);
      if (options.json === true) return printJson(cli, facts);
      const paint = paintFor(cli.output, cli.env);
      print(cli, ...(facts === null ? accountWords.none(cli.me, paint) : accountLogLines(facts, cli.now(), paint)));
    });
  addHomeOption(account.command('export'))
    .description('write the account’s chain to a file, for others to judge')
    .argument('<file>', 'where it is to stand')
    .option('--json', 'what was written, as JSON')
    .action(async (file: string, _: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { exportedChain } = await import('@palmkey/host');
      const chain = exportedChain(homeFolder(options.home, cli));
      if (chain === null) throw new CliError('no-account');
      const path = resolve(file);
      writeFileSync(path, chain.text, { flag: 'wx', mode: 0o600 });
      if (options.json === true) return printJson(cli, { file: path, links: chain.links });
      print(cli, ...accountWords.exported(path, chain.links, paintFor(cli.output, cli.env)));
    });
  addHomeOption(account.command('move'))
    .description('look for your account at another relay, or at another address of its own')
    .argument('<relay>', 'the relay’s address')
    .option('--json', 'all facts, as JSON')
    .action((text: string, _: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const relay = parsePublicUrl(text);
      return withDaemon(options, cli, async (control) => {
        const fact = await control.call('account-move', { relay });
        if (options.json === true) printJson(cli, fact);
        else print(cli, ...accountWords.moved(relay, paintFor(cli.output, cli.env)));
      });
    });
  addHomeOption(account.command('leave'))
    .description('take this computer out of your account')
    .option('--yes', 'take it out; it cannot come back with the same keys')
    .option('--json', 'what was done, as JSON')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<LeaveOptions>(command);
      if (options.yes !== true) await confirm(cli);
      return withDaemon(options, cli, async (control) => {
        await control.call('account-leave', {});
        if (options.json === true) printJson(cli, { left: true });
        else print(cli, ...accountWords.left(paintFor(cli.output, cli.env)));
      });
    });
}

async function confirm(cli: Cli): Promise<void> {
  if (cli.input.isTTY !== true) throw new CliError('needs-yes');
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({
    message: accountWords.ask,
    initialValue: false,
    input: cli.input,
    output: cli.output,
    signal: cli.stopping,
    withGuide: false,
  });
  if (answer !== true) throw new CliError('declined');
}
