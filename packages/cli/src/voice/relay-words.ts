import type { RelayFact } from '@palmkey/host/control';
import { sayForRelay } from './problems/all.ts';
import type { Paint } from './paint.ts';

/** A relay's state in a few words, with its sign in colour. */
export function relayState(relay: RelayFact, paint: Paint): string {
  switch (relay.state) {
    case 'connected':
      return paint.good('connected');
    case 'connecting':
      return paint.quiet('connecting…');
    case 'waiting':
      return paint.unusual(
        relay.problem === 'unreachable' || relay.problem === null
          ? 'not reachable, trying again'
          : problem(relay.problem),
      );
    case 'refused':
      return paint.bad(`refused: ${problem(relay.problem ?? 'internal')}`);
    case 'closed':
      return paint.quiet('closed');
  }
}

function problem(code: string): string {
  return sayForRelay(code)?.({}, '').problem ?? code;
}

/** What a relay says that runs alone. */
export const relayWords = {
  running: (url: string, port: number, admission: 'open' | 'members', paint: Paint): string[] => [
    `${paint.strong('Palmkey relay')}  ${url}${url.endsWith(`:${port}`) ? '' : paint.quiet(` (port ${port})`)}`,
    `  ${admission === 'open' ? 'admits every device that can reach it' : 'admits the devices it knows, those they pair with, and who has an invitation'}`,
    `  ${paint.quiet(`a computer joins with: palmkey up --relay ${url}`)}`,
  ],
  draining: 'Closing…',
} as const;
