/** The account that this computer is in: its devices, its log, and what is wrong with its chain. */
import type { AccountLogFact, LoggedDevice } from '@palmkey/host';
import type { AccountDeviceFact, AccountFact, AccountSummary } from '@palmkey/host/control';
import { listed } from './listed.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { moment } from './times.ts';
import { visible } from './visible.ts';

/** Why the chain that a relay shows is refused, in half a sentence. */
export function chainRefusal(code: string | null): string {
  switch (code) {
    case 'rolled-back':
      return 'its relay shows an older state than this computer has seen';
    case 'forked':
      return 'its relay shows another history than this computer has seen';
    case 'withheld':
      return 'its relay does not show a change that another of your devices has seen';
    case 'other-account':
      return 'its relay takes this computer for another account’s';
    default:
      return 'its relay shows a history that breaks the rules';
  }
}

/** What to do about it. */
export const refusalTodo =
  'Nothing is asked until it shows the right one again. Ask its operator: an old backup looks like this';

/** How the account stands, in half a sentence; null where all is well. */
export function accountTrouble({ alarm, current, moving, removed }: AccountSummary, now: number): string | null {
  if (removed !== null) {
    const by = removed.by === null ? 'left it' : `taken out by ${visible(removed.by)}`;
    return `${by} ${moment(removed.at, now)}`;
  }
  if (alarm !== null) return `${chainRefusal(alarm.code)} (link ${alarm.seqno})`;
  if (moving !== null) return `it has moved to ${moving.relay}, ${movingWords(moving.problem)}`;
  return current ? null : 'not checked yet: its relay has not told its state';
}

/** Why this computer is not yet where its account is, as the end of a sentence. */
export function movingWords(problem: string | null): string {
  switch (problem) {
    case null:
      return 'which is being looked at';
    case 'move-unreachable':
    case 'closed':
      return 'which this computer cannot reach yet';
    case 'rolled-back':
      return 'which shows an older state than this computer has seen';
    case 'forked':
    case 'other-account':
      return 'which shows another history than this computer has seen';
    case 'bad-chain':
      return 'which shows a history that breaks the rules';
    default:
      return `which this computer does not follow (${problem})`;
  }
}

/** What happens then. */
export const movingTodo = 'Until it does, this computer stays at the former relay, and tries again each minute';

/** `account`: how it stands, and its devices. */
export function accountLines(account: AccountFact, now: number, paint: Paint): string[] {
  const trouble = accountTrouble(account, now);
  const head = `${paint.strong('Your account')} ${paint.quiet(`${account.id.slice(0, 8)} at ${account.relay}`)}`;
  const troubled = trouble === null ? [] : [paint.bad(`This computer: ${trouble}`), ''];
  if (account.alarm !== null) troubled.splice(1, 0, `  ${paint.quiet(refusalTodo)}`);
  if (account.alarm === null && account.moving !== null) troubled.splice(1, 0, `  ${paint.quiet(movingTodo)}`);
  if (account.removed !== null) return [head, '', ...troubled.slice(0, 1), `  ${paint.quiet(removedTodo)}`];
  const devices = account.devices.map((device) => [
    paint.strong(deviceName(device)),
    device.self ? 'this computer' : kindWords[device.kind],
    paint.quiet(
      device.addedBy === null
        ? `began it ${moment(device.addedAt, now)}`
        : `added by ${visible(device.addedBy)} ${moment(device.addedAt, now)}`,
    ),
  ]);
  return [head, '', ...troubled, ...table(devices, 2)];
}

/** What a computer that is out of its account can do. */
export const removedTodo =
  'Start Palmkey again: where no other phone is paired, it begins anew with new keys. Then pair';

/** `account log`: one link a line; the second half of a link that adds a phone is part of the first. */
export function accountLogLines(facts: readonly AccountLogFact[], now: number, paint: Paint): string[] {
  return table(
    facts
      .filter(({ type }) => type !== 'subkey')
      .map((fact) => [
        paint.quiet(String(fact.seqno)),
        paint.quiet(moment(fact.at, now)),
        happened(fact),
        paint.quiet(fact.type === 'eldest' ? '' : `by ${loggedName(fact.by)}`),
      ]),
  );
}

function happened({ type, devices, generation }: AccountLogFact): string {
  const who = listed(devices.map(loggedName));
  switch (type) {
    case 'eldest':
      return `${who} began the account`;
    case 'sibkey':
    case 'subkey':
      return `phone ${who} was added`;
    case 'paper':
      return 'recovery words were made';
    case 'host':
      return devices.some(isSelf) ? 'this computer was added' : `computer ${who} was added`;
    case 'revoke':
      return `${who} ${devices.length === 1 ? 'was' : 'were'} taken out`;
    case 'puk':
      return `new key of the account, number ${generation ?? 0}`;
  }
}

const kindWords = { phone: 'phone', computer: 'computer', paper: 'recovery words' } as const;

function deviceName({ name, id, kind }: AccountDeviceFact): string {
  if (name !== null) return visible(name);
  return kind === 'paper' ? 'on paper' : id.slice(0, 8);
}

function isSelf({ name }: LoggedDevice): boolean {
  return name === accountWords.self;
}

function loggedName({ name, id }: LoggedDevice): string {
  return name === null ? id.slice(0, 8) : visible(name);
}

/** What the commands of `account` say. */
export const accountWords = {
  /** What this computer is called where no daemon says its name. */
  self: 'this computer',
  ask: 'Take this computer out of your account? It cannot come back with the keys that it has.',
  none: (me: string, paint: Paint): string[] => [
    'This computer is in no account.',
    `  ${paint.quiet(`A phone takes it into its account when it pairs: ${me} pair`)}`,
  ],
  exported: (path: string, links: number, paint: Paint): string[] => [
    `Wrote ${links} ${links === 1 ? 'link' : 'links'} to ${visible(path)}.`,
    `  ${paint.quiet('It holds public keys and times, no names and no secrets')}`,
  ],
  moved: (relay: string, paint: Paint): string[] => [
    `Your account is at ${relay}, and so is this computer from now on.`,
    `  ${paint.quiet('Each phone that is not there yet is told on its own: Settings, Devices, Relay')}`,
  ],
  left: (paint: Paint): string[] => [
    'This computer is out of your account. The keys of its phones are no longer offered here.',
    `  ${paint.quiet('Servers that have those keys still accept them')}`,
  ],
} as const;
