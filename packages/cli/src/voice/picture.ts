/** The present, as lines: relay, phones, keys, what waits. `status`, `palmkey` alone and `up` show the same. */
import type { KeyFact, PhoneFact, StatusFact, WaitingFact } from '@palmkey/host/control';
import { accountTrouble } from './account-words.ts';
import type { Paint } from './paint.ts';
import { listed } from './listed.ts';
import { relayState } from './relay-words.ts';
import { table } from './table.ts';
import { moment, span } from './times.ts';
import { visible } from './visible.ts';

/** The facts as aligned lines, set in by two. */
export function picture(status: StatusFact, now: number, paint: Paint): string[] {
  const rows = [
    ...labelled(
      'relay',
      status.relays.map((relay) => [relay.url, relayState(relay, paint)]),
      paint,
    ),
    ...labelled(
      'phone',
      status.phones.map((phone) => [
        paint.strong(visible(phone.name)),
        status.deviceKeys === 'locked' ? '' : reach(phone, now, paint),
      ]),
      paint,
    ),
    ...labelled(
      'key',
      keysOf(status).map((key) => [keyName(key), paint.quiet(`${shortType(key.type)} ${key.fingerprint}`)]),
      paint,
    ),
    ...labelled(
      'waiting',
      status.waiting.map((waiting) => [subjectOf(waiting), asked(waiting, now, paint)]),
      paint,
    ),
  ];
  const trouble = status.account && accountTrouble(status.account, now);
  if (trouble !== null) rows.push([paint.quiet('account'), paint.bad(trouble), '']);
  if (status.phones.length === 0)
    rows.push([paint.quiet('phone'), status.pairing ? 'none yet, a pairing waits for one' : 'none yet', '']);
  if (status.deviceKeys === 'locked')
    rows.unshift([paint.quiet('keys'), paint.unusual('locked'), 'nobody is asked before palmkey unlock']);
  if (status.agentLocked) rows.push([paint.quiet('agent'), paint.unusual('locked'), 'ssh-add -X unlocks it']);
  return table(rows, 2);
}

/** Every key of every phone, in order. */
export function keysOf(status: StatusFact): readonly KeyFact[] {
  return status.phones.flatMap((phone) => phone.keys);
}

/** A key's comment, or its type where it has none. */
export function keyName(key: KeyFact): string {
  return key.comment === '' ? shortType(key.type) : visible(key.comment);
}

export function shortType(type: string): string {
  return type.replace(/^ssh-/, '');
}

/** `deploy@prod`, as far as it is known. */
export function destination(login: { readonly user: string | null; readonly host: string | null }): string {
  const host = login.host === null ? 'an unnamed server' : visible(login.host);
  return login.user === null ? host : `${visible(login.user)}@${host}`;
}

/** What is asked for: `deploy@prod`, `git: Add a page`, `file: the namespace`. */
export function subjectOf(
  ask: Pick<WaitingFact, 'kind' | 'user' | 'host'> & { readonly subject?: string | null },
): string {
  return ask.kind === 'login' ? destination(ask) : `${ask.kind}: ${visible(ask.subject ?? '')}`;
}

function labelled(label: string, rows: readonly (readonly string[])[], paint: Paint): string[][] {
  return rows.map((row, index) => [index === 0 ? paint.quiet(label) : '', ...row]);
}

/** Whether a phone can be asked now. */
function reach(phone: PhoneFact, now: number, paint: Paint): string {
  if (phone.update !== null) return paint.unusual(updateWords(phone.update));
  switch (phone.reach) {
    case 'here':
      return paint.good('here');
    case 'absent':
      return `${paint.unusual(
        phone.lastSeenAt === null ? 'not connected: open the app' : `away since ${moment(phone.lastSeenAt, now)}`,
      )}${pushWords(phone.push, paint)}`;
    case 'unknown':
      return paint.quiet(phone.lastSeenAt === null ? 'not heard yet' : `last seen ${moment(phone.lastSeenAt, now)}`);
  }
}

/** Whether a phone that is away was woken the last time that was tried. */
function pushWords(push: PhoneFact['push'], paint: Paint): string {
  switch (push?.woken) {
    case undefined:
      return '';
    case 'handed':
      return paint.quiet(', woken by push');
    case 'no-registration':
      return paint.quiet(', no push set up');
    case 'refused':
    case 'unreachable':
      return paint.quiet(', push failed');
  }
}

/** Why a phone and this computer do not understand each other. */
export function updateWords(update: 'us' | 'phone'): string {
  return update === 'us' ? 'runs a newer Palmkey: update this computer' : 'runs an older Palmkey: reload the app there';
}

function asked({ phones, receivedBy, endsAt }: WaitingFact, now: number, paint: Paint): string {
  const left = paint.quiet(`${span(Math.max(0, endsAt - now))} left`);
  if (receivedBy.length === 0) return `asking ${listed(phones)}, ${left}`;
  return `${listed(receivedBy)} ${receivedBy.length === 1 ? 'has' : 'have'} it, ${left}`;
}
