import type { StatusFact } from '@palmkey/host/control';
import type { Paint } from './paint.ts';
import { shellPath } from './shell-word.ts';
import { visible } from './visible.ts';

/** What `up` says besides pairing and status. */
export const upWords = {
  hello: (status: StatusFact, paint: Paint): string[] => {
    const relay = status.relays[0]?.url ?? '';
    return ['', `${paint.strong(`Palmkey on ${visible(status.device.name)}`)}  ${paint.quiet(`relay ${relay}`)}`];
  },
  serves: (status: StatusFact): string =>
    `Palmkey ${status.version} on ${visible(status.device.name)}, folder ${visible(status.home)}`,
  moved: (from: string, userFolder: string, me: string): string[] => [
    `note  ssh still asks in ${visible(shellPath(from, userFolder))}, and not here`,
    `  If this folder was moved from there: ${me} setup sets it right`,
  ],
  joined: (relay: string): string => `Joined ${visible(relay)}. The invitation is not needed any more.`,
  noTry: (problem: string) => `there is no server to try a login with: ${problem}`,
  stopping: 'Stopping…',
} as const;
