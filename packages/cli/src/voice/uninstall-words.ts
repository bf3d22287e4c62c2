/** What goes, and what went. */
import type { Uninstalled, UninstallPlan } from '../commands/uninstall.ts';
import type { Paint } from './paint.ts';
import { shellPath } from './shell-word.ts';
import { visible } from './visible.ts';

export const uninstallWords = { ask: 'Take all of this away? It cannot be undone' } as const;

interface Place {
  readonly home: string;
  readonly userFolder: string;
}

export function uninstallPlan(plan: UninstallPlan, { home, userFolder }: Place, paint: Paint): string[] {
  const path = (text: string) => visible(shellPath(text, userFolder));
  const { ours, others } = plan.inventory;
  const count = ours.length === 1 ? 'one file' : `${ours.length} files`;
  return [
    'This takes away:',
    '  what setup added to ssh’s configuration, and the service, if there is one',
    ...(plan.phones ?? []).map((name) => `  the pairing with ${visible(name)}`),
    ours.length === 0
      ? `  nothing in ${path(home)}`
      : `  ${path(home)}: ${count}, with the key that this computer is known by`,
    ...(plan.keepHistory ? [`  ${paint.quiet('but not the history')}`] : []),
    ...others.map((file) => `${paint.unusual('note')}  ${path(file)} is not Palmkey’s and stays`),
  ];
}

export function uninstallDone(done: Uninstalled, { userFolder }: Pick<Place, 'userFolder'>, paint: Paint): string[] {
  const path = (text: string) => visible(shellPath(text, userFolder));
  const undone = done.undone.flatMap(({ changed }) => changed);
  const kept = done.undone.flatMap((report) => report.kept);
  return [
    ...done.service.map((file) => `Removed ${path(file)}`),
    ...undone.map((file) => `Took Palmkey out of ${path(file)}`),
    ...done.told.map((name) => `Told ${visible(name)} that this computer is gone`),
    ...done.untold.map(
      (name) => `${paint.unusual('note')}  ${visible(name)} could not be told: remove this computer there too`,
    ),
    ...kept.map((file) => `${paint.unusual('note')}  ${path(file)} stays: what is in it is nowhere else`),
    ...done.left.map((file) => `${paint.unusual('note')}  ${path(file)} stays`),
    'Palmkey is off this computer.',
    `  ${paint.quiet('Servers that have your phone’s keys still accept them')}`,
  ];
}
