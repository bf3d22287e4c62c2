/** Words for a daemon that cannot start, cannot be reached, or refuses a call. */
import type { AgentStartError, StateError } from '@palmkey/host';
import { shown, type Say } from './words.ts';

export const startProblems = {
  'already-running': (detail, me) => ({
    problem: `Palmkey already runs on this folder${detail.found === undefined || detail.found === null ? '' : ` (process ${detail.found})`}`,
    todo: `${me} status shows it. Another one needs another --home and --port`,
    exit: 'failed',
  }),
  'bad-permissions': (detail) => ({
    problem: `others could open ${shown(detail.path)}${detail.found === undefined || detail.found === null ? '' : ` (mode ${detail.found})`}, so Palmkey does not start`,
    todo: `If nobody else has used it: chmod -R go-rwx ${shown(detail.path)}`,
    exit: 'unverified',
  }),
  'state-broken': (detail, me) => ({
    problem: `${shown(detail.path)} is damaged`,
    todo: `Restore it from a backup, or move it away, start again and pair anew with ${me} pair`,
    exit: 'failed',
  }),
  'newer-state': (detail) => ({
    problem: `${shown(detail.path)} was written by a newer Palmkey`,
    todo: 'Update this one; nothing was changed',
    exit: 'failed',
  }),
  'not-writable': (detail) => ({
    problem: `cannot write ${shown(detail.path)}`,
    todo: 'Choose a folder of yours with --home, or free some space',
    exit: 'failed',
  }),
  'agent-running': (detail) => ({
    problem: `another program answers on ${shown(detail.path)}`,
    todo: 'End it, or choose another --home',
    exit: 'failed',
  }),
  'path-too-long': (detail) => ({
    problem: `${shown(detail.path)} is too long for a socket`,
    todo: 'Choose a shorter --home',
    exit: 'usage',
  }),
  'not-a-socket': (detail) => ({
    problem: `${shown(detail.path)} is not a socket, so it was left alone`,
    todo: 'Move it away, then start again',
    exit: 'failed',
  }),
  'listen-failed': (detail) => ({
    problem: `cannot listen on ${shown(detail.path)}`,
    todo: 'Choose a --home on a disk of this computer; sockets need one',
    exit: 'failed',
  }),
} as const satisfies Record<StateError['code'] | AgentStartError['code'], Say>;

/** The codes of `ControlFailure` that are not those of pairings and relays, and the client's own two. */
export const controlCodes = [
  'not-running',
  'disconnected',
  'no-such-phone',
  'ambiguous-phone',
  'pairing-running',
  'no-pairing',
  'no-relay',
  'bad-call',
  'in-account',
  'phone-removed',
  'not-in-account',
  'account-refused',
  'account-relay-away',
  'bad-relay',
  'move-unreachable',
  'move-refused',
] as const;

export const controlProblems = {
  'not-running': (_, me) => ({
    problem: 'it is not running on this computer',
    todo: `Start it with ${me} up (npm start in a clone)`,
    exit: 'not-set-up',
  }),
  disconnected: (_, me) => ({
    problem: 'Palmkey stopped before it answered',
    todo: `Start it again with ${me} up, then repeat this`,
    exit: 'failed',
  }),
  'no-such-phone': (detail, me) => ({
    problem: `no paired phone is called ${shown(detail.phone)}`,
    todo: `${me} status lists them`,
    exit: 'failed',
  }),
  'ambiguous-phone': (detail, me) => ({
    problem: `more than one phone begins with ${shown(detail.phone)}`,
    todo: `Type more of the name, or the id that ${me} status --json shows`,
    exit: 'usage',
  }),
  'pairing-running': () => ({
    problem: 'another pairing is under way',
    todo: 'Finish or cancel it where it runs (perhaps where Palmkey was started), then try again',
    exit: 'failed',
  }),
  'no-pairing': (_, me) => ({
    problem: 'there is no pairing that waits for a code',
    todo: `Start one with ${me} pair`,
    exit: 'failed',
  }),
  'no-relay': (_, me) => ({
    problem: 'this computer has no connection to its relay',
    todo: `${me} status shows why`,
    exit: 'failed',
  }),
  'in-account': (detail) => ({
    problem: `${shown(detail.phone)} is in your account, which decides who may answer`,
    todo: 'Remove it on another phone of the account: all computers of it know then',
    exit: 'failed',
  }),
  'phone-removed': (detail) => ({
    problem: `${shown(detail.phone)} was removed from your account, and those keys never come back`,
    todo: 'If it is in your hand: begin anew in its app, then pair it as a new phone',
    exit: 'failed',
  }),
  'not-in-account': (_, me) => ({
    problem: 'this computer is in no account',
    todo: `A phone takes it into its account when it pairs: ${me} pair`,
    exit: 'failed',
  }),
  'account-relay-away': (detail, me) => ({
    problem: `this computer leaves its account by the account's relay alone, and ${shown(detail.relay)} is out of reach`,
    todo: `Nothing was changed. ${me} status shows why; repeat this once it is connected`,
    exit: 'failed',
  }),
  'account-refused': (_, me) => ({
    problem: 'your account is in doubt, so nothing is asked or decided',
    todo: `${me} account says why`,
    exit: 'unverified',
  }),
  'bad-relay': (detail) => ({
    problem: `${shown(detail.relay)} is no address of a relay`,
    todo: 'Give https:// and a name, or http:// only for this computer itself',
    exit: 'usage',
  }),
  'move-unreachable': (detail, me) => ({
    problem: `no relay at ${shown(detail.relay)} lets this computer in`,
    todo: `Nothing has changed. If it is up, move your account there on a phone first. ${me} account shows where it is`,
    exit: 'failed',
  }),
  'move-refused': (detail) => ({
    problem: `${shown(detail.relay)} ${otherChain(detail.reason)}`,
    todo: 'Nothing has changed. Look at the address, or move your account there on a phone first',
    exit: 'unverified',
  }),
  'bad-call': () => ({
    problem: 'the running Palmkey does not understand this one',
    todo: 'They differ in version: restart it',
    exit: 'failed',
  }),
} as const satisfies Record<(typeof controlCodes)[number], Say>;

/** What another relay shows instead of this computer's account. */
function otherChain(reason: string | number | null | undefined): string {
  switch (reason) {
    case 'rolled-back':
      return 'shows none of your account, or an older state than this computer has seen';
    case 'other-account':
      return 'takes this computer for another account’s';
    default:
      return 'shows another history than this computer has seen';
  }
}
