import type { StatusFact } from '@palmkey/host/control';
import type { Paint } from './paint.ts';
import { shellPath } from './shell-word.ts';
import { table } from './table.ts';
import { moment } from './times.ts';
import { visible } from './visible.ts';

/** One line: which computer, since when. */
export function statusHeader(status: StatusFact, now: number, paint: Paint): string {
  return `${paint.strong(`Palmkey on ${visible(status.device.name)}`)} ${paint.quiet(`since ${moment(status.startedAt, now)}`)}`;
}

/** What a person may need to know and seldom does: version, folder, agent. */
export function statusFooter(status: StatusFact, userFolder: string, paint: Paint): string[] {
  return table(
    [
      ['version', `${status.version}, process ${status.pid}`],
      ['device', status.device.id],
      ...(status.deviceKeys === 'plain' ? [] : [['keys', `${status.deviceKeys}, by a passphrase`]]),
      ...(status.account?.removed !== null
        ? []
        : [['account', `${status.account.id.slice(0, 8)}, ${devices(status.account.active)}`]]),
      ['folder', shellPath(status.home, userFolder)],
      ['agent', shellPath(status.agentSocket, userFolder)],
      ...(status.appUrl === null ? [] : [['app', status.publicUrl ?? status.appUrl]]),
      ...(status.tryCommand === null ? [] : [['try it', status.tryCommand]]),
    ],
    2,
  ).map(paint.quiet);
}

function devices(count: number): string {
  return `${count} ${count === 1 ? 'device' : 'devices'}`;
}

/** Below the live picture: what can be done now. */
export function upFooter(status: StatusFact, hint: string | undefined, paint: Paint): string[] {
  const trying = status.tryCommand !== null && status.phones.length > 0 && hint?.includes(status.tryCommand) !== true;
  return [
    ...(trying ? ['', `Try   ${paint.command(status.tryCommand)}`] : []),
    ...(hint === undefined ? [] : trying ? [hint] : ['', hint]),
    '',
    paint.quiet('Ctrl-C stops.'),
  ];
}
