/** What is said of keys that take each other's place: what is planned, what is being done, what came of it. */
import type { KeyFact, StatusFact } from '@palmkey/host/control';
import type { OldKey, ProviderStop, ReplacePlan, Stop } from '../replace/plan.ts';
import type { Replaced, ProviderReport } from '../replace/replace-all.ts';
import type { ReplaceStep, ServerReport } from '../replace/replace-on-server.ts';
import type { ScriptFault } from '../replace/remote-script.ts';
import { listed } from './listed.ts';
import type { Paint } from './paint.ts';
import { keyName } from './picture.ts';
import { table } from './table.ts';
import { moment } from './times.ts';
import { visible } from './visible.ts';

export interface ReplaceContext {
  readonly now: number;
  readonly me: string;
  readonly status: Pick<StatusFact, 'phones'>;
}

export const replaceWords = {
  which: 'Which key takes their place?',
  choice: (key: KeyFact) => `${keyName(key)} on ${visible(key.phone)}  ${key.fingerprint}`,
  ask: (count: number) => (count === 1 ? 'Go there now?' : `Go to these ${count} places now?`),
} as const;

/** The plan: which keys go, which comes, and where. */
export function planLines(plan: ReplacePlan, next: KeyFact | null, context: ReplaceContext, paint: Paint): string[] {
  const { old, servers, providers } = plan;
  const named = servers.filter(({ host }) => host !== null);
  const unnamed = servers.filter(({ host }) => host === null);
  return [
    ...table([
      ...old.map((key, index) => [
        paint.quiet(index === 0 ? 'goes' : ''),
        oldName(key, paint),
        paint.quiet(key.fingerprint),
        paint.quiet(key.lastUsedAt === null ? 'never used here' : `last used ${moment(key.lastUsedAt, context.now)}`),
      ]),
      [paint.quiet('comes'), ...nextCells(next, context, paint)],
    ]),
    ...section('Servers', named, context, paint),
    ...section('Git hosts, where only you can change keys', providers, context, paint),
    ...section('Servers that were reached through another one, and have no name here', unnamed, context, paint),
    ...(servers.length + providers.length === 0 ? ['', 'No place is known where it was used.'] : []),
    '',
    paint.quiet(
      'This is what this computer remembers. Keys that were used from elsewhere may be on other servers too.',
    ),
  ];
}

const steps: Record<ReplaceStep, string> = {
  asking: 'asking which keys it knows',
  'getting-in': 'logging in',
  proving: 'logging in with the new key: your phone is asked',
  removing: 'taking the old key out',
  checking: 'looking that it is gone',
};

/** One step, for the person who waits. */
export function stepLine(stop: Stop, step: ReplaceStep, paint: Paint): string {
  return `${placeName(stop)} ${paint.quiet(`${steps[step]}…`)}`;
}

/** What came of each place, and below it what to do. */
export function replacedLines(
  results: readonly Replaced[],
  next: KeyFact,
  context: ReplaceContext,
  paint: Paint,
): string[] {
  const said = results.map((result) => ({ name: placeName(result.stop), ...resultWords(result, context, paint) }));
  const rows = table(said.map(({ name, line }) => [name, line]));
  const lines = rows.flatMap((row, index) => [
    row,
    ...(said[index]?.more ?? []).map((more) => `  ${paint.quiet(more)}`),
  ]);
  if (!said.some(({ paste }) => paste)) return lines;
  return [...lines, '', 'The line of the new key:', '', next.line];
}

interface ResultWords {
  readonly line: string;
  readonly more: readonly string[];
  /** Whether the person needs the line. */
  readonly paste: boolean;
}

function resultWords(result: Replaced, context: ReplaceContext, paint: Paint): ResultWords {
  if (result.report === null) return { line: paint.unusual('not begun'), more: [], paste: false };
  return result.kind === 'provider'
    ? providerWords(result.report, result.stop, paint)
    : serverWords(result.report, context, paint);
}

function providerWords(
  { end, knowsOld, knowsNew }: ProviderReport,
  { settings, signs }: ProviderStop,
  paint: Paint,
): ResultWords {
  const page = settings ?? 'its settings for SSH keys';
  // What ssh can ask about is the keys that log in.
  const signing = signs ? ['Commits were signed with it: keys that sign stand there apart, look at those too'] : [];
  switch (end) {
    case 'replaced':
      return { line: paint.good('replaced'), more: signing, paste: false };
    case 'by-hand': {
      const todo = [
        ...(knowsNew === true ? [] : ['add the new key']),
        ...(knowsOld === true ? ['delete the old one'] : []),
      ];
      return { line: paint.unusual(todo.join(', ')), more: [`At ${page}`, ...signing], paste: knowsNew !== true };
    }
    case 'unreachable':
    case 'host-key':
      return {
        line: paint.unusual('could not be asked'),
        more: [`At ${page}: add the new key, delete the old one`, ...signing],
        paste: true,
      };
  }
}

function serverWords(report: ServerReport, { me }: ReplaceContext, paint: Paint): ResultWords {
  const { end, added, removed, backups, found, fault, words } = report;
  const kept = backups.length === 0 ? [] : [`As it was before: ${listed(backups)}`];
  const heard = words === null ? [] : [`ssh: ${visible(words)}`];
  const settings = found.length === 0 ? [] : [`Its settings: ${found.map(visible).join('; ')}`];
  const say = (line: string, more: readonly string[], paste = false) => ({ line, more: [...more, ...kept], paste });
  switch (end) {
    case 'replaced':
      return say(
        paint.good('replaced'),
        removed === 0 ? ['The old key was in no file of this account, and does not get in'] : [],
      );
    case 'already':
      return say(paint.good('replaced before'), []);
    case 'no-way-in':
      return say(
        paint.bad('no other key gets in'),
        [
          'By a console or whoever runs it: add the line below to ~/.ssh/authorized_keys, take the old one out',
          ...heard,
        ],
        true,
      );
    case 'no-shell':
      return say(
        paint.bad('no shell to work with'),
        ['Add the line below where it keeps its keys, take the old one out', ...heard],
        true,
      );
    case 'elsewhere':
      return say(
        paint.bad('it keeps its keys elsewhere'),
        [
          added
            ? 'The new line is in ~/.ssh/authorized_keys, and does not let anybody in'
            : '~/.ssh/authorized_keys is not where it looks; nothing was left there',
          ...settings,
        ],
        true,
      );
    case 'unconfirmed':
      return say(paint.unusual('the new key was not let in yet'), [
        `It is there, and no phone signed with it. The old key stays until one does: ${me} keys replace again`,
        ...heard,
      ]);
    case 'old-elsewhere':
      return say(paint.bad('the old key still gets in'), [
        'The new one does too. The old one is in another place than ~/.ssh/authorized_keys',
        ...settings,
      ]);
    case 'file':
      return say(paint.bad('authorized_keys was left as it was'), [faults[fault ?? 'write']], true);
    case 'lost':
      return say(paint.unusual('the connection ended'), [`${soFar(report)}: ${me} keys replace again`, ...heard]);
    case 'unreachable':
      return say(paint.unusual('out of reach'), [
        `Left as it is. Once it is there: ${me} keys replace again`,
        ...heard,
      ]);
    case 'host-key':
      return say(paint.bad('its host key is not the known one'), [
        'Left as it is. Log in once with ssh, which says what is wrong',
        ...heard,
      ]);
  }
}

const faults: Record<ScriptFault, string> = {
  home: 'There is no home folder to go to',
  link: 'It is a link that leads nowhere',
  file: 'It is no file that could be read',
  rights: 'A new file would have another owner or other rights',
  changed: 'Somebody else changed it meanwhile: try again',
  write: 'It could not be written: no rights, or no room',
};

function soFar({ added, removed }: ServerReport): string {
  if (removed > 0) return 'The old line is out, and was not looked for again';
  return added ? 'The new line is there, the old one too' : 'Nothing was changed';
}

function section(title: string, stops: readonly Stop[], { now }: ReplaceContext, paint: Paint): string[] {
  if (stops.length === 0) return [];
  const rows = stops.map((stop) => [
    placeName(stop),
    paint.quiet(`last used ${moment(stop.lastUsedAt, now)}`),
    stop.replaced === null ? '' : paint.good(`replaced ${moment(stop.replaced.at, now)}`),
    'settings' in stop && typeof stop.settings === 'string' ? paint.command(stop.settings) : '',
  ]);
  return ['', title, ...table(rows, 2)];
}

/** `ada@prod:2222`, or the host key of a server without a name. */
function placeName({ user, host, port, hostKey }: Stop): string {
  const name = host === null ? (hostKey ?? 'an unnamed server') : visible(host);
  const whole = port === null ? name : `${name.includes(':') ? `[${name}]` : name}:${port}`;
  return user === null ? whole : `${visible(user)}@${whole}`;
}

function oldName({ comment, phone, held }: OldKey, paint: Paint): string {
  const name = comment === '' ? 'a key' : visible(comment);
  if (held) return `${name} ${paint.unusual(`still on ${visible(phone ?? '')}`)}`;
  return phone === null ? name : `${name} ${paint.quiet(`was on ${visible(phone)}`)}`;
}

function nextCells(next: KeyFact | null, { status }: ReplaceContext, paint: Paint): string[] {
  if (next === null) return [paint.bad('no paired phone has another key')];
  const holder = status.phones.find(({ name }) => name === next.phone);
  const where = holder?.reach === 'absent' ? paint.unusual('not connected: open the app') : '';
  return [`${keyName(next)} ${paint.quiet(`on ${visible(next.phone)}`)}`, paint.quiet(next.fingerprint), where];
}
