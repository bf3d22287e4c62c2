/** Words for what keeps an operator's order, or a backup, from being done. */
import type { BackupFault } from '@palmkey/relay';
import type { OperatorFault } from '@palmkey/relay/control';
import { shown, type Say } from './words.ts';

export const relayOperatorProblems = {
  'no-relay': () => ({ problem: 'no relay runs here', todo: 'Start one with palmkey relay', exit: 'not-set-up' }),
  'relay-gone': () => ({ problem: 'the relay ended before it answered', todo: 'Its log says more', exit: 'failed' }),
  'unknown-call': () => ({
    problem: 'the relay that runs here is of another version',
    todo: 'Restart it, so that both are of the same',
    exit: 'failed',
  }),
  'no-such-device': (detail, me) => ({
    problem: `no device has an id that begins with ${shown(detail.subject)}`,
    todo: `${me} relay devices lists them; for an account, say --account`,
    exit: 'failed',
  }),
  'no-such-account': (detail, me) => ({
    problem: `no account has an id that begins with ${shown(detail.subject)}`,
    todo: `${me} relay accounts lists them`,
    exit: 'failed',
  }),
  'no-such-invitation': (detail, me) => ({
    problem: `no invitation has an id that begins with ${shown(detail.subject)}`,
    todo: `${me} relay invitations lists those that are open`,
    exit: 'failed',
  }),
  'ambiguous-id': (detail) => ({
    problem: `more than one id begins with ${shown(detail.subject)}`,
    todo: 'Give more of it; --json shows whole ids',
    exit: 'usage',
  }),
  'relay-fault': () => ({ problem: 'the relay could not do it', todo: 'Its log says why', exit: 'failed' }),
} as const satisfies Record<OperatorFault, Say>;

export const relayBackupProblems = {
  'no-such-store': (detail) => ({
    problem: `there is no store ${shown(detail.path)}`,
    todo: 'Name the relay’s --home, --config or --store',
    exit: 'not-set-up',
  }),
  'backup-exists': (detail) => ({
    problem: `${shown(detail.path)} is there already`,
    todo: 'Choose another name: no file is overwritten',
    exit: 'failed',
  }),
  'backup-not-written': (detail) => ({
    problem: `cannot write ${shown(detail.path)}`,
    todo: 'Is the folder yours, and is there space left? Nothing was changed',
    exit: 'failed',
  }),
  'no-backup': (detail) => ({
    problem: `cannot read ${shown(detail.path)}`,
    todo: 'A backup is two files, one of them with .json after its name',
    exit: 'failed',
  }),
  'backup-damaged': (detail) => ({
    problem: `${shown(detail.path)} is not what was written`,
    todo: 'Use another backup; nothing was changed',
    exit: 'unverified',
  }),
  'newer-backup': (detail) => ({
    problem: `${shown(detail.path)} was made by a newer Palmkey`,
    todo: 'Update this one; nothing was changed',
    exit: 'failed',
  }),
} as const satisfies Record<BackupFault, Say>;
