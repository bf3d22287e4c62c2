/** Words for a relay that does not answer as one. */
import type { RelayClientFault } from '@palmkey/relay-client';
import type { Say } from './words.ts';

export const relayClientProblems = {
  'not-connected': (_, me) => ({
    problem: 'this computer has no connection to its relay',
    todo: `${me} status shows why`,
    exit: 'failed',
  }),
  'no-answer': (_, me) => ({
    problem: 'the relay did not answer in time',
    todo: `Try again; ${me} status shows the last contact`,
    exit: 'no-answer',
  }),
  closed: (_, me) => ({
    problem: 'Palmkey was stopped in the middle of this',
    todo: `Start it again with ${me} up`,
    exit: 'failed',
  }),
  'not-a-relay': () => ({
    problem: 'what stands at that address does not answer as a Palmkey relay',
    todo: 'Check the address, and any proxy in front of it: it has to let WebSockets through',
    exit: 'failed',
  }),
  'outbox-full': (_, me) => ({
    problem: 'too many messages wait for a relay that cannot be reached',
    todo: `${me} status shows which relay; they go out when it is back`,
    exit: 'failed',
  }),
  'not-kept': (_, me) => ({
    problem: 'a message could not be written to disk, so it was not sent',
    todo: `Make room on the disk; ${me} doctor shows what else is wrong`,
    exit: 'failed',
  }),
} as const satisfies Record<RelayClientFault, Say>;
