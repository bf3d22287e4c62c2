/** A relay's configuration: its options on the command line, and what they, the environment and a file make together. */
import { Option, type Command } from 'commander';
import {
  fileKey,
  flagName,
  resolveSettings,
  settingNames,
  settings,
  type Resolved,
  type SettingName,
  type SettingProblem,
  type Settings,
} from '@palmkey/relay/settings';
import type { Paths } from '@palmkey/host/control';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { placeholders, settingWords } from '../voice/relay-setting-words.ts';

/** Gives a command `--config`. */
export function addConfigOption(command: Command): Command {
  return command.option('--config <file>', 'its configuration file (or PALMKEY_RELAY_CONFIG)');
}

/** Gives a command an option for each setting that may stand on a command line. */
export function addSettingOptions(command: Command): void {
  addConfigOption(command);
  for (const name of settingNames) {
    const { kind, secret } = settings[name];
    const placeholder = placeholders[kind.is];
    if (secret !== 'whole') {
      command.addOption(described(`${flagName(name)}${placeholder === null ? '' : ` <${placeholder}>`}`, name));
    }
    if (secret !== null) {
      command.option(`${flagName(fileKey(name))} <file>`, `a file that holds ${holds(name)}`);
    }
    if (name === 'app') command.option('--no-app', 'do not serve the phone app');
  }
}

function described(flags: string, name: SettingName): Option {
  const { kind, fallback } = settings[name];
  const option = new Option(flags, settingWords[name]);
  if (typeof fallback === 'string' || typeof fallback === 'number') option.default(String(fallback));
  if (kind.is === 'admission') option.choices(['open', 'members']);
  if (kind.is === 'level') option.choices(['error', 'warn', 'info', 'debug', 'trace']);
  if (kind.is === 'origins' || kind.is === 'names' || kind.is === 'hosts' || kind.is === 'bus') {
    option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
  }
  return option;
}

function holds(name: SettingName): string {
  return settings[name].secret === 'inside'
    ? 'that URL, so that no password is on the command line'
    : settingWords[name];
}

/** A configuration, and the file that was read for it. */
export interface Configuration extends Resolved {
  readonly path: string | undefined;
}

/**
 * What holds for `palmkey relay`, whose options stand on `relay`. Throws CliError `no-config`; what is wrong otherwise
 * is among its problems.
 */
export function configurationOf(relay: Command, cli: Pick<Cli, 'env'>): Configuration {
  const flags: Record<string, string | boolean | readonly string[]> = {};
  for (const [key, value] of Object.entries<string | boolean | readonly string[]>(relay.opts())) {
    if (relay.getOptionValueSource(key) === 'cli') flags[key] = value;
  }
  const { config, ...given } = flags;
  const named = typeof config === 'string' ? config : cli.env.PALMKEY_RELAY_CONFIG;
  const path = named === '' ? undefined : named;
  const resolved = resolveSettings({
    flags: given,
    env: cli.env,
    ...(path !== undefined && { file: { path, text: readConfiguration(path) } }),
    readSecret: (secret) => readFileSync(secret, 'utf8'),
  });
  return { ...resolved, path };
}

/** The settings, where nothing is wrong. Throws CliError with the first problem otherwise. */
export function settledOf({ settings: settled, problems }: Configuration): Settings {
  const [first] = problems;
  if (first !== undefined) throw settingError(first);
  if (settled === null) throw new CliError('bad-config');
  return settled;
}

/** The store of a relay that runs alone, where none is set. */
export function storeOf({ relay }: Paths): string {
  return join(relay, 'alone.sqlite');
}

/** A problem as an error, for the words that it has. */
export function settingError({ code, setting, source, found }: SettingProblem): CliError {
  return new CliError(code, { setting, source, found });
}

function readConfiguration(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError('no-config', { path }, { cause: error });
  }
}
