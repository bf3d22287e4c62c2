/** Words for what a relay answers (spec/relay.md, "Errors"), seen from a computer. */
import type { RelayError } from '@palmkey/relay-client';
import type { Say } from './words.ts';

const later = 'This computer tries again by itself';

export const relayProblems = {
  absent: () => ({ problem: 'the phone is not connected', todo: 'Open the app on it', exit: 'no-answer' }),
  'too-large': () => ({ problem: 'the relay found a message too large', todo: 'Nothing was sent', exit: 'failed' }),
  'rate-limited': () => ({
    problem: 'the relay asks for fewer messages',
    todo: `${later} in a moment`,
    exit: 'failed',
  }),
  'slow-reader': () => ({ problem: 'the relay gave up on a slow connection', todo: later, exit: 'failed' }),
  'bad-frame': (_, me) => ({
    problem: 'the relay did not understand this computer',
    todo: `Is it a Palmkey relay of the same version? ${me} --version`,
    exit: 'failed',
  }),
  'unsupported-version': () => ({
    problem: 'the relay speaks another version',
    todo: 'Update the older of the two',
    exit: 'failed',
  }),
  'not-admitted': () => ({
    problem: 'the relay does not know this computer',
    todo: 'Ask whoever runs it for an invitation (--invite), or run your own: without --relay, one starts here',
    exit: 'not-set-up',
  }),
  'bad-signature': () => ({
    problem: 'the relay could not verify this computer',
    todo: 'Its device key may be damaged; a second try will not help',
    exit: 'unverified',
  }),
  'wrong-origin': () => ({
    problem: 'the relay goes by another name than the one used here',
    todo: 'Use its --public-url as --relay, letter for letter',
    exit: 'failed',
  }),
  'timed-out': () => ({ problem: 'the relay did not hear this computer in time', todo: later, exit: 'no-answer' }),
  'too-many-connections': () => ({ problem: 'the relay is full', todo: later, exit: 'failed' }),
  replaced: () => ({
    problem: 'another program with the same device key has connected',
    todo: 'Is a copy of this state folder in use? Only one may run',
    exit: 'failed',
  }),
  'no-rendezvous': (_, me) => ({
    problem: 'the relay has forgotten this pairing',
    todo: `Start again with ${me} pair`,
    exit: 'failed',
  }),
  'rendezvous-full': (_, me) => ({
    problem: 'too many have used this link',
    todo: `Somebody else may have it. Start again with ${me} pair`,
    exit: 'unverified',
  }),
  conflict: (_, me) => ({
    problem: 'somebody else uses the same meeting place',
    todo: `Start again with ${me} pair`,
    exit: 'unverified',
  }),
  draining: () => ({ problem: 'the relay is going down', todo: later, exit: 'failed' }),
  internal: () => ({ problem: 'the relay has a fault', todo: 'Its log says more', exit: 'failed' }),
  removed: () => ({
    problem: 'the relay has taken back the admission of this computer',
    todo: 'Ask whoever runs it',
    exit: 'refused',
  }),
  'mailbox-full': () => ({ problem: 'too much waits at the relay for the other device', todo: later, exit: 'failed' }),
  expired: () => ({ problem: 'the other device did not read it in time', todo: later, exit: 'no-answer' }),
  unavailable: () => ({ problem: 'the relay cannot reach its own store', todo: later, exit: 'failed' }),
  blocked: () => ({
    problem: 'whoever runs the relay has blocked this computer',
    todo: 'Ask them, or use another relay',
    exit: 'refused',
  }),
  quota: () => ({
    problem: 'this account has as much at the relay as it may have',
    todo: 'Remove a device that is not used any more, or ask whoever runs the relay',
    exit: 'failed',
  }),
  'push-refused': () => ({
    problem: 'the relay does not speak to that push service',
    todo: 'Whoever runs it can allow the service',
    exit: 'failed',
  }),
  'no-line': () => ({ problem: 'the relay has forgotten this connection', todo: later, exit: 'failed' }),
  'no-nameplate': () => ({
    problem: 'that number is not in use, or was used already',
    todo: 'Start again and use the new one',
    exit: 'failed',
  }),
  'sign-in-refused': () => ({
    problem: 'this relay does not admit that GitHub account',
    todo: 'Ask whoever runs it',
    exit: 'refused',
  }),
  'bad-state': () => ({
    problem: 'that sign-in did not begin here, or took too long',
    todo: 'Sign in again',
    exit: 'failed',
  }),
  'name-taken': () => ({
    problem: 'this relay admits that name at GitHub, but knows it as somebody else’s',
    todo: 'Ask whoever runs it',
    exit: 'refused',
  }),
  'bad-chain': () => ({
    problem: 'the relay refused a change of the account: it does not fit the account’s chain',
    todo: 'Nothing was changed; try again, and if it stays so, compare the devices of your account',
    exit: 'refused',
  }),
  'no-chain': () => ({
    problem: 'the relay knows of no account that this is for',
    todo: 'Was this device taken off the account? The app lists the devices',
    exit: 'refused',
  }),
  unreachable: (detail) => ({
    problem: `cannot reach the relay${detail.relay === undefined ? '' : ` at ${String(detail.relay)}`}`,
    todo: 'Is it running, and is the network up? This computer keeps trying',
    exit: 'failed',
  }),
} as const satisfies Record<RelayError['code'] | 'unreachable', Say>;
