import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { nearest } from './nearest.ts';
import {
  environmentName,
  fileKey,
  settingNames,
  settings,
  settingsSchema,
  type SettingName,
  type Settings,
} from './table.ts';

/** Where a value came from; the earlier one wins. */
export type Source = 'flag' | 'environment' | 'file' | 'default';

/** What is given, before any of it is believed. */
export interface Given {
  /** By setting, or by setting with `File` after it: a text, true, false, or texts that were given one by one. */
  readonly flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The configuration file, if there is one. */
  readonly file?: { readonly path: string; readonly text: string };
  /** Reads the file that holds a secret. Throws if it cannot. */
  readonly readSecret: (path: string) => string;
}

/** What can be wrong with a configuration. */
export type SettingFault =
  /** The file is no JSON object. */
  | 'bad-config'
  /** A name in the file that no setting has. */
  | 'unknown-setting'
  /** A value that is none of its kind. */
  | 'bad-setting'
  /** A secret's file that cannot be read, or is empty. */
  | 'unreadable-secret'
  /** A secret that is given itself and as a file, in the same place. */
  | 'given-twice'
  /** A setting that has no effect without another. */
  | 'needs-setting';

/** One thing that is wrong; never with the value of a secret. */
export interface SettingProblem {
  readonly code: SettingFault;
  /** The setting, or the name that is none. */
  readonly setting: string;
  readonly source: Source;
  /** What was found instead, the nearest name, the path, or the other setting. */
  readonly found: string | null;
}

/** One setting as it stands. */
export interface Standing {
  readonly name: SettingName;
  readonly source: Source;
  /** As it was given; undefined where it is not. Of a secret only whoever uses it may show this. */
  readonly value: unknown;
  /** The file that a secret was read from. */
  readonly secretFile: string | null;
}

/** A configuration, and what is wrong with it. */
export interface Resolved {
  readonly standings: readonly Standing[];
  readonly problems: readonly SettingProblem[];
  /** Null where something is wrong. */
  readonly settings: Settings | null;
}

/** Puts a configuration together: flags before environment before file before what holds otherwise. Never throws. */
export function resolveSettings(given: Given): Resolved {
  const problems: SettingProblem[] = [];
  const inFile = fileValues(given.file, problems);
  const standings = settingNames.map((name) => standingOf(name, given, inFile, problems));
  const raw = Object.fromEntries(
    standings.flatMap(({ name, source, value }) => (source === 'default' ? [] : [[name, value]])),
  );
  const parsed = v.safeParse(settingsSchema, raw);
  if (!parsed.success) problems.push(...badSettings(parsed.issues, standings));
  if (parsed.success) problems.push(...lonelySettings(parsed.output, standings));
  return { standings, problems, settings: parsed.success && problems.length === 0 ? parsed.output : null };
}

/** Every key that a file may hold. */
export function fileKeys(): string[] {
  return settingNames.flatMap((name) => (settings[name].secret === null ? [name] : [name, fileKey(name)]));
}

function fileValues(file: Given['file'], problems: SettingProblem[]): Readonly<Record<string, unknown>> {
  if (file === undefined) return {};
  const problem = (code: SettingFault, setting: string, found: string | null) =>
    problems.push({ code, setting, source: 'file', found });
  let values: unknown;
  try {
    values = JSON.parse(file.text);
  } catch {
    problem('bad-config', file.path, null);
    return {};
  }
  const record = v.safeParse(v.record(v.string(), v.unknown()), values);
  if (!record.success || Array.isArray(values)) {
    problem('bad-config', file.path, null);
    return {};
  }
  const known = fileKeys();
  for (const key of Object.keys(record.output)) {
    // `$schema` is how editors learn what a file may hold.
    if (!known.includes(key) && key !== '$schema') problem('unknown-setting', key, nearest(key, known) ?? null);
  }
  return record.output;
}

function standingOf(
  name: SettingName,
  given: Given,
  inFile: Readonly<Record<string, unknown>>,
  problems: SettingProblem[],
): Standing {
  const { kind, secret, fallback } = settings[name];
  const folder = given.file === undefined ? '.' : dirname(given.file.path);
  const places: [Source, (key: string) => unknown, string][] = [
    ['flag', (key) => given.flags[key], '.'],
    ['environment', (key) => orNothing(given.env[environmentName(key)]), '.'],
    ['file', (key) => (Object.hasOwn(inFile, key) ? inFile[key] : undefined), folder],
  ];
  for (const [source, look, base] of places) {
    const value = look(name);
    const path = secret === null ? undefined : look(fileKey(name));
    if (value !== undefined && path !== undefined) {
      problems.push({ code: 'given-twice', setting: name, source, found: fileKey(name) });
    }
    if (path !== undefined) return secretOf(name, source, path, base, given, problems);
    if (value === undefined) continue;
    const read = typeof value === 'string' && source !== 'file' ? kind.fromText(value) : value;
    return { name, source, value: located(kind.is, read, base), secretFile: null };
  }
  return { name, source: 'default', value: fallback, secretFile: null };
}

/** An empty text in the environment is what a compose file makes of a variable that nobody set. */
function orNothing(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** A path in a configuration file counts from where that file stands. */
function located(kind: string, value: unknown, base: string): unknown {
  const isPath = kind === 'path' || kind === 'app' || (kind === 'store' && !String(value).includes('://'));
  return isPath && base !== '.' && typeof value === 'string' && value !== ':memory:' ? resolve(base, value) : value;
}

function secretOf(
  name: SettingName,
  source: Source,
  path: unknown,
  base: string,
  given: Given,
  problems: SettingProblem[],
): Standing {
  if (typeof path !== 'string') {
    problems.push({ code: 'bad-setting', setting: fileKey(name), source, found: null });
    return { name, source, value: undefined, secretFile: null };
  }
  const secretFile = resolve(base, path);
  let value: string | undefined;
  try {
    // Editors end a file with a line feed.
    value = given.readSecret(secretFile).trim() || undefined;
  } catch {
    value = undefined;
  }
  if (value === undefined) problems.push({ code: 'unreadable-secret', setting: name, source, found: secretFile });
  return { name, source, value, secretFile };
}

function badSettings(issues: readonly v.BaseIssue<unknown>[], standings: readonly Standing[]): SettingProblem[] {
  const names = new Set(issues.map((issue) => String(issue.path?.[0]?.key)));
  return standings
    .filter(({ name }) => names.has(name))
    .map(({ name, source, value }) => ({
      code: 'bad-setting',
      setting: name,
      source,
      found: settings[name].secret === null ? JSON.stringify(value) : null,
    }));
}

/** What was set and would do nothing. */
function lonelySettings(given: Settings, standings: readonly Standing[]): SettingProblem[] {
  const needs: [SettingName, SettingName][] = [
    ['busCredentials', 'bus'],
    ['busCa', 'bus'],
    ['busCertificate', 'bus'],
    ['busCertificate', 'busKey'],
    ['busKey', 'busCertificate'],
    ['githubClientId', 'githubSecret'],
    ['githubSecret', 'githubClientId'],
    ['githubUsers', 'githubClientId'],
    ['githubOrganisations', 'githubClientId'],
    ['appOrigins', 'githubClientId'],
    ['pushServices', 'pushContact'],
    ['pushCa', 'pushContact'],
  ];
  const sourceOf = (name: SettingName) => standings.find((standing) => standing.name === name)?.source ?? 'default';
  return needs
    .filter(([name, other]) => sourceOf(name) !== 'default' && given[other] === undefined)
    .map(([name, other]) => ({ code: 'needs-setting', setting: name, source: sourceOf(name), found: other }));
}
