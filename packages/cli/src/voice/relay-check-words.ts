/** `palmkey relay check`: a configuration as it stands, never with a secret. */
import { environmentName, flagName, settings, type Standing } from '@palmkey/relay/settings';
import type { CliError } from '../cli-error.ts';
import type { Configuration } from '../relay/configuration.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { visible } from './visible.ts';

/** One line for each setting: its name, its value, where that came from. `store` is the one of the home folder. */
export function checkLines({ standings, path }: Configuration, store: string, paint: Paint): string[] {
  const left: Readonly<Record<string, string>> = { store, app: 'our own' };
  const rows = standings.map((standing) => [
    standing.name,
    standing.value === undefined ? (left[standing.name] ?? paint.quiet('–')) : visible(shownValue(standing)),
    paint.quiet(whence(standing, path)),
  ]);
  return [paint.strong('What the relay would run with'), '', ...table(rows, 2)];
}

/** The same for a program. */
export function checkFacts({ standings, path }: Configuration, faults: readonly CliError[]): object {
  return {
    configuration: path ?? null,
    settings: standings.map((standing) => ({
      name: standing.name,
      value:
        settings[standing.name].secret === null
          ? (standing.value ?? null)
          : standing.value === undefined
            ? null
            : shownValue(standing),
      source: standing.source,
      secretFile: standing.secretFile,
    })),
    faults: faults.map(({ code, detail }) => ({ code, ...detail })),
  };
}

/** What is allowed, and that an operator should know of. */
export function checkNotes({ standings, settings: settled }: Configuration, paint: Paint): string[] {
  const open = standings.filter(
    ({ value, source, name }) => source === 'flag' && settings[name].secret === 'inside' && passwordIn(value),
  );
  return [
    ...(settled?.openToAnyone === true && settled.admission === 'open'
      ? ['', `${paint.unusual('note')}  Every device that can reach it is admitted.`]
      : []),
    ...open.flatMap(({ name }) => [
      '',
      `${paint.unusual('note')}  Everybody on this computer can read the password in ${flagName(name)}.`,
      `  ${paint.quiet(`Put it into a file: ${flagName(`${name}File`)}`)}`,
    ]),
  ];
}

function shownValue({ name, value }: Standing): string {
  const { secret } = settings[name];
  if (secret === 'whole') return '(set)';
  if (secret === 'inside') return withoutPassword(String(value));
  if (value === false && settings[name].kind.is === 'app') return 'none';
  return Array.isArray(value) ? value.join(', ') || '–' : String(value);
}

/** A URL, or several with commas, with dots in the place of whatever may be secret; another text as it is. */
export function withoutPassword(text: string): string {
  if (!text.includes('://')) return text;
  return text
    .split(/,(?=[a-z]+:\/\/)/i)
    .map((url) => {
      // Up to the last @, so that a password that should have been percent-encoded is hidden whole.
      const [, scheme = '', credentials, place = ''] = /^(.*?:\/\/)(?:([^]*)@)?([^?#]*)/.exec(url) ?? [];
      const [name = '', password] = credentials?.split(/:([^]*)/) ?? [];
      // Where the password begins, or ends, is anybody's guess.
      if (/[?#]/.test(credentials ?? '')) return `${scheme}…`;
      // NATS takes a token in the place of a name.
      const shownName = password === undefined && name !== '' ? '…' : name;
      return `${scheme}${shownName}${password === undefined ? '' : ':…'}${credentials === undefined ? '' : '@'}${place}`;
    })
    .join(',');
}

function passwordIn(value: unknown): boolean {
  return (typeof value === 'string' || Array.isArray(value)) && withoutPassword(String(value)).includes('…');
}

function whence({ name, source, secretFile }: Standing, path: string | undefined): string {
  const from = secretFile === null ? '' : `, from ${secretFile}`;
  const key = secretFile === null ? name : `${name}File`;
  switch (source) {
    case 'flag':
      return `${flagName(key)}${from}`;
    case 'environment':
      return `${environmentName(key)}${from}`;
    case 'file':
      return `${path ?? 'file'}${from}`;
    case 'default':
      return '';
  }
}
