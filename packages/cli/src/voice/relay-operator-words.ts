/** What a relay's operator reads: invitations, accounts, devices, and what came of an order. */
import type { AccountFact, DeviceFact, DoneFact, InvitationFact, InvitedFact, ListFact } from '@palmkey/relay/control';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { moment } from './times.ts';

/** As in the relay's log: enough to tell devices apart, and to name one in a command. */
const short = (id: string): string => id.slice(0, 8);
const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

export const operatorWords = {
  onStore: (database: boolean, paint: Paint): string[] => [
    `${paint.unusual('note')}  No relay runs here, so this was done on its store.`,
    ...(database ? [`  ${paint.quiet('A relay on another computer keeps the connections that it has')}`] : []),
  ],
  done: (order: 'block' | 'unblock' | 'remove', { kind, id }: DoneFact, me: string, paint: Paint): string[] => {
    const what = `${kind} ${short(id)}`;
    const option = kind === 'device' ? '' : ` --${kind}`;
    switch (order) {
      case 'block':
        return [
          `Blocked ${what}. It is disconnected and let in no more.`,
          paint.quiet(`  To take it back: ${me} relay unblock ${short(id)}${option}`),
        ];
      case 'unblock':
        return [`${what[0]?.toUpperCase() ?? ''}${what.slice(1)} may connect again.`];
      case 'remove':
        return kind === 'invitation'
          ? [`Took back invitation ${short(id)}. Nobody can use it any more.`]
          : [
              `Removed ${what}, and what was kept for it.`,
              paint.quiet(`  It may come again as a stranger: ${me} relay block would keep it out`),
            ];
    }
  },
} as const;

/** Where an invitation leads, and its link, drawn where somebody could scan it. */
export interface InvitedPlace {
  readonly url: string;
  readonly link: string;
  readonly qr: readonly string[] | undefined;
}

/** The code, whom it admits, and what to do with it. */
export function invitedLines(
  { code, uses, expiresAt }: InvitedFact,
  { url, link, qr }: InvitedPlace,
  now: number,
  paint: Paint,
): string[] {
  return [
    `Invitation  ${paint.strong(code)}`,
    `  ${paint.quiet(`admits ${many(uses, 'device')}, until ${moment(expiresAt, now)}`)}`,
    `  ${paint.quiet(`a computer joins with: palmkey up --relay ${url} --invite ${code}`)}`,
    `  ${paint.quiet(`a phone opens or scans: ${link}`)}`,
    ...(qr === undefined ? [] : ['', ...qr, '']),
    `  ${paint.quiet('It is shown once: the relay keeps a hash of it')}`,
  ];
}

export function invitationLines({ rows, more }: ListFact<InvitationFact>, now: number, paint: Paint): string[] {
  if (rows.length === 0) return ['No invitation is open.'];
  const cells = rows.map(({ id, usesLeft, createdAt, expiresAt, joins }) => [
    short(id),
    many(usesLeft, 'device'),
    moment(createdAt, now),
    moment(expiresAt, now),
    joins === null ? paint.quiet('a new one') : short(joins),
  ]);
  return listed(['id', 'admits', 'made', 'until', 'account'], cells, more, paint);
}

export function accountLines({ rows, more }: ListFact<AccountFact>, now: number, paint: Paint): string[] {
  if (rows.length === 0) return ['No account yet.'];
  const cells = rows.map(({ id, devices, createdAt, githubUser, chain, blockedAt }) => [
    short(id),
    many(devices, 'device'),
    chain === null ? paint.quiet('–') : many(chain.links, 'link'),
    moment(createdAt, now),
    githubUser === null ? paint.quiet('–') : `user ${githubUser}`,
    blocked(blockedAt, now, paint),
  ]);
  return listed(['id', 'has', 'chain', 'since', 'GitHub', ''], cells, more, paint);
}

export function deviceLines({ rows, more }: ListFact<DeviceFact>, now: number, paint: Paint): string[] {
  if (rows.length === 0) return ['No device yet.'];
  const cells = rows.map((device) => [
    short(device.id),
    short(device.account),
    ways[device.via] ?? device.via,
    moment(device.createdAt, now),
    seen(device, now, paint),
    device.push ? 'push' : paint.quiet('–'),
    blocked(device.blockedAt, now, paint),
  ]);
  return listed(['id', 'account', 'let in by', 'since', 'seen', 'reached by', ''], cells, more, paint);
}

const ways: Readonly<Record<string, string>> = {
  operator: 'the operator',
  open: 'an open relay',
  'open-rendezvous': 'a pairing under way',
  rendezvous: 'a pairing',
  invitation: 'an invitation',
  github: 'GitHub',
  chain: 'its account’s chain',
};

function seen({ connected, seenAt }: DeviceFact, now: number, paint: Paint): string {
  if (connected === true) return paint.good('connected');
  if (seenAt === null) return paint.quiet('–');
  // The relay keeps the day and no more.
  const days = Math.floor(now / 86_400_000) - Math.floor(seenAt / 86_400_000);
  return days <= 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`;
}

function blocked(at: number | null, now: number, paint: Paint): string {
  return at === null ? '' : paint.bad(`blocked ${moment(at, now)}`);
}

function listed(head: readonly string[], cells: readonly string[][], more: boolean, paint: Paint): string[] {
  const rows = [head.map((word) => paint.quiet(word)), ...cells];
  return [
    ...table(rows),
    ...(more ? ['', paint.quiet('There are more: --limit shows them, --json holds whole ids')] : []),
  ];
}
