import type { Command } from 'commander';
import { isServed } from '@palmkey/relay/control';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { print, printJson } from '../print.ts';
import { operatorCommand, relaySocket, storeInUse, type OperatorOptions } from '../relay/operator-access.ts';
import { pgDump, pgRestore } from '../relay/postgres-tools.ts';
import { paintFor } from '../voice/paint.ts';
import { backupWords } from '../voice/relay-backup-words.ts';
import { optionsOf } from './home-option.ts';

/** `relay backup` and `relay restore`: a copy of all that a relay keeps, and back. */
export function addRelayBackup(relay: Command, cli: Cli): void {
  operatorCommand(relay, 'backup', 'copy all that the relay keeps to a file, while it runs')
    .argument('<file>', 'where the copy is to stand')
    .action(async (file: string, _: unknown, command: Command) => {
      const options = optionsOf<OperatorOptions>(command);
      const { store } = storeInUse(relay, options, cli);
      const path = resolve(file);
      if (store.includes('://')) {
        const dump = pgDump(store, path);
        await runTool(dump, cli);
        if (options.json === true) return printJson(cli, { file: path, store: 'postgres' });
        return print(cli, ...backupWords.dumped(dump.shown, path, paintFor(cli.output, cli.env)));
      }
      const { backUp } = await import('@palmkey/relay');
      const manifest = await backUp(store, path, cli.now());
      if (options.json === true) return printJson(cli, { file: path, ...manifest });
      print(cli, ...backupWords.made(path, manifest, paintFor(cli.output, cli.env)));
    });
  operatorCommand(relay, 'restore', 'put a backup in the place of the store; the relay must not run')
    .argument('<file>', 'a file that relay backup made')
    .action(async (file: string, _: unknown, command: Command) => {
      const options = optionsOf<OperatorOptions>(command);
      const { store, paths } = storeInUse(relay, options, cli);
      const path = resolve(file);
      if (store.includes('://')) throw new CliError('restore-postgres', { command: pgRestore(store, path).shown });
      if (await isServed(relaySocket(store, paths))) throw new CliError('relay-runs', { path: store });
      const { restore } = await import('@palmkey/relay');
      const suffix = `.before-${new Date(cli.now()).toISOString().replaceAll(/[-:]|\..*/g, '')}`;
      const { manifest, former } = await restore(path, store, suffix);
      if (options.json === true) return printJson(cli, { store, former, ...manifest });
      print(cli, ...backupWords.restored(store, former, manifest, cli.now(), paintFor(cli.output, cli.env)));
    });
}

/** Runs a tool of PostgreSQL's. Throws CliError `no-pg-dump` or `pg-dump-failed` with the command that a person could run. */
async function runTool({ program, args, env, shown }: ReturnType<typeof pgDump>, cli: Cli): Promise<void> {
  const child = spawn(program, args, { env: { ...cli.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
  const [code] = (await once(child, 'close').catch((error: unknown) => {
    throw new CliError('no-pg-dump', { command: shown }, { cause: error });
  })) as [number | null];
  if (code !== 0) throw new CliError('pg-dump-failed', { found: said.trim().split('\n').at(-1) ?? '', command: shown });
}
