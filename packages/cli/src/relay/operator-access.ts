/** How an operator's command reaches a relay: over the socket of the one that runs here, else on its store. */
import type { Command } from 'commander';
import { ControlClient, OperatorError, type OperatorDesk } from '@palmkey/relay/control';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '@palmkey/host/control';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { addHomeOption, pathsOf, type HomeOption } from '../commands/home-option.ts';
import { printAside } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { operatorWords } from '../voice/relay-operator-words.ts';
import { addConfigOption, configurationOf, settledOf, storeOf } from './configuration.ts';

export interface OperatorOptions extends HomeOption {
  readonly json?: true;
}

/** A command below `relay` that says which relay it is about, and can answer as JSON. */
export function operatorCommand(relay: Command, form: string, about: string): Command {
  return addConfigOption(addHomeOption(relay.command(form)))
    .description(about)
    .option('--store <store>', 'its store, when neither --home nor --config says so')
    .option('--json', 'the facts as JSON');
}

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, its final zero included. */
const longestSocketPath = 103;

/** The control socket of the relay that has a store: beside its file, or in the home folder's where it is a database. */
export function relaySocket(store: string, paths: Paths): string {
  const beside = store.includes('://') ? join(paths.relay, 'relay.sock') : `${store}.sock`;
  if (Buffer.byteLength(beside) <= longestSocketPath) return beside;
  const name = createHash('sha256').update(beside).digest('hex').slice(0, 12);
  return join(paths.run, `${name}.sock`);
}

/** Where the relay keeps what lasts: what is set, else that of a relay alone, else that of `up`. */
export function storeInUse(relay: Command, options: HomeOption, cli: Cli): { store: string; paths: Paths } {
  const paths = pathsOf(options, cli);
  const { store } = settledOf(configurationOf(relay, cli));
  const alone = storeOf(paths);
  const ofUp = !existsSync(alone) && existsSync(paths.relayDatabase);
  return { store: store ?? (ofUp ? paths.relayDatabase : alone), paths };
}

/**
 * Asks the relay that runs here, or its store where none does, which it says. Throws CliError `no-relay-here` where there
 * is neither.
 */
export async function withDesk<T>(
  relay: Command,
  options: HomeOption,
  cli: Cli,
  use: (desk: OperatorDesk) => Promise<T>,
): Promise<T> {
  const { store, paths } = storeInUse(relay, options, cli);
  const control = await ControlClient.connect(relaySocket(store, paths)).catch((error: unknown) => {
    if (error instanceof OperatorError && error.code === 'no-relay') return undefined;
    throw error;
  });
  if (control !== undefined) {
    using running = control;
    return await use(running.desk);
  }
  const database = store.includes('://');
  if (!database && !existsSync(store)) throw new CliError('no-relay-here', { path: store });
  const { openStoreDesk } = await import('@palmkey/relay');
  await using desk = await openStoreDesk(store);
  const done = await use(desk);
  printAside(cli, ...operatorWords.onStore(database, paintFor(cli.errors, cli.env)));
  return done;
}
