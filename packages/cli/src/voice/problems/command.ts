/** Words for what the command line finds by itself, and for the faults of the system that it meets. */
import type { CliCode } from '../../cli-error.ts';
import { shown, type Say } from './words.ts';

export const commandProblems = {
  'already-up': (detail, me) => ({
    problem: `Palmkey already runs on this folder (process ${shown(detail.found)})`,
    todo: `${me} shows what it does. Another one needs another --home and --port`,
    exit: 'failed',
  }),
  'bad-configuration': (detail, me) => ({
    problem: `a relay with this configuration would not start`,
    todo:
      detail.found === 1
        ? 'Set right what is said above'
        : `Set right what is said above, then ${me} relay check again`,
    exit: 'usage',
  }),
  'bad-destination': (detail) => ({
    problem: `${shown(detail.destination)} is not where ssh could go`,
    todo: 'Write it as user@host, or as a name from your ssh config',
    exit: 'usage',
  }),
  'bad-port': (detail) => ({
    problem: `${shown(detail.port)} is not a port`,
    todo: 'Ports are the numbers from 1 to 65535; 0 takes any free one',
    exit: 'usage',
  }),
  'bad-public-url': (detail) => ({
    problem: `${shown(detail.url)} cannot be the public address`,
    todo: 'It is an https address without a path, like https://palmkey.example.org; plain http works on localhost only',
    exit: 'usage',
  }),
  'bad-relay-url': (detail) => ({
    problem: `${shown(detail.url)} is not the address of a relay`,
    todo: 'It is an http or https address without a path, like https://relay.example.org',
    exit: 'usage',
  }),
  'copy-failed': (detail) => ({
    problem: `the key did not get to ${shown(detail.destination)}: ssh ended with ${shown(detail.status)}`,
    todo: 'It needs another way in, such as a password or a key of yours. keys print shows the line to add by hand',
    exit: 'failed',
  }),
  declined: () => ({
    problem: 'nothing was taken away',
    todo: 'The same command with --dry-run shows what would go',
    exit: 'refused',
  }),
  'needs-yes': () => ({
    problem: 'there is nobody here to ask whether this may be done',
    todo: 'If it may: the same command with --yes',
    exit: 'usage',
  }),
  'no-account': (_, me) => ({
    problem: 'this computer is in no account',
    todo: `A phone takes it into its account when it pairs: ${me} pair`,
    exit: 'failed',
  }),
  'no-config': (detail) => ({
    problem: `cannot read the configuration ${shown(detail.path)}`,
    todo: 'Is the path right, and is the file readable for this user?',
    exit: 'usage',
  }),
  'bad-count': (detail) => ({
    problem: `${shown(detail.option)} cannot be ${shown(detail.found)}`,
    todo: 'It is a number from 1 to 10000',
    exit: 'usage',
  }),
  'bad-id': (detail) => ({
    problem: `${shown(detail.found)} is not the beginning of one id`,
    todo: 'Ids are the hexadecimal digits that the lists show',
    exit: 'usage',
  }),
  'bad-time': (detail) => ({
    problem: `an invitation cannot be good for ${shown(detail.found)}`,
    todo: 'It is a number and s, min, h or d, like 2h or 7d, and a year at most',
    exit: 'usage',
  }),
  'bad-invitation': () => ({
    problem: 'that is not the code of an invitation',
    todo: 'It is 20 letters and digits in groups of five, like 7QK2M-X3B9T-0VHDS-4WJ8P',
    exit: 'usage',
  }),
  'invite-where': (_, me) => ({
    problem: 'an invitation is for a relay that runs elsewhere',
    todo: `${me} up --relay https://… --invite CODE`,
    exit: 'usage',
  }),
  'invitation-refused': (detail) => ({
    problem: `${shown(detail.relay)} does not take that invitation`,
    todo: 'It may be mistyped, used already, or too old: ask whoever runs the relay for another',
    exit: 'failed',
  }),
  'relay-refuses': (detail) => ({
    problem: `${shown(detail.relay)} refuses this computer: ${shown(detail.found)}`,
    todo: 'Ask whoever runs it',
    exit: 'failed',
  }),
  'no-relay-here': (detail, me) => ({
    problem: `there is no relay with the store ${shown(detail.path)}`,
    todo: `${me} relay starts one; of another, name its --home, --config or --store`,
    exit: 'not-set-up',
  }),
  'relay-runs': (detail) => ({
    problem: `a relay uses ${shown(detail.path)}`,
    todo: 'Stop it first; nothing was changed',
    exit: 'failed',
  }),
  'store-in-use': (detail) => ({
    problem: `another relay uses ${shown(detail.path)}`,
    todo: 'Stop that one, or give this one another --store or --home',
    exit: 'failed',
  }),
  'restore-postgres': (detail) => ({
    problem: 'a PostgreSQL database is restored by its own tool',
    todo: `Stop every node, then: ${shown(detail.command)}`,
    exit: 'usage',
  }),
  'no-pg-dump': (detail) => ({
    problem: 'pg_dump is not installed here',
    todo: `Where it is: ${shown(detail.command)}`,
    exit: 'not-set-up',
  }),
  'passphrase-nobody': () => ({
    problem: 'there is nobody here to type the passphrase',
    todo: 'In a terminal it is asked for; a program gives it with --stdin',
    exit: 'usage',
  }),
  'pg-dump-failed': (detail) => ({
    problem: `pg_dump failed: ${shown(detail.found)}`,
    todo: `It was run as: ${shown(detail.command)}`,
    exit: 'failed',
  }),
  'no-input': (_, me) => ({
    problem: 'there is nobody here to type the code',
    todo: `In a terminal: ${me} pair`,
    exit: 'failed',
  }),
  'no-keys': () => ({
    problem: 'the paired phones have no keys yet',
    todo: 'Open the app and make one',
    exit: 'not-set-up',
  }),
  'no-lost-key': (_, me) => ({
    problem: 'no key is missing: the paired phones have all that were used here',
    todo: `Of a phone that is lost: ${me} unpair it first. To replace another: ${me} keys replace KEY`,
    exit: 'failed',
  }),
  'no-new-key': (_, me) => ({
    problem: 'no paired phone has a key that could take its place',
    todo: `Pair one with ${me} pair, or make a key in the app`,
    exit: 'not-set-up',
  }),
  'no-old-key': (detail, me) => ({
    problem: `${shown(detail.key)} is no key that was used here`,
    todo: `${me} keys replace --dry-run lists them; a whole line of authorized_keys will do too, in quotes`,
    exit: 'failed',
  }),
  'old-line-unknown': (detail, me) => ({
    problem: `of ${shown(detail.key)} no more than the fingerprint is known here`,
    todo: `Take its line from a server's authorized_keys: ${me} keys replace 'ssh-ed25519 AAAA…'`,
    exit: 'failed',
  }),
  'replace-declined': () => ({
    problem: 'nothing was changed',
    todo: 'The same command with --dry-run shows what would be',
    exit: 'refused',
  }),
  'replace-left': (detail, me) => ({
    problem: detail.found === 1 ? 'one place is left' : `${shown(detail.found)} places are left`,
    todo: `What to do stands below each; ${me} keys replace goes on with them`,
    exit: 'failed',
  }),
  'replace-needs-yes': () => ({
    problem: 'there is nobody here to ask whether servers may be changed',
    todo: 'If they may: the same command with --yes',
    exit: 'usage',
  }),
  'replace-stopped': (_, me) => ({
    problem: 'stopped before all of it was done',
    todo: `What stands above was done; ${me} keys replace goes on with the rest`,
    exit: 'refused',
  }),
  'no-phone': (_, me) => ({
    problem: 'no phone is paired with this computer',
    todo: `Pair one with ${me} pair`,
    exit: 'not-set-up',
  }),
  'no-such-key': (detail, me) => ({
    problem: `no key is called ${shown(detail.key)}`,
    todo: `${me} keys lists them; a name, a fingerprint or its beginning will do`,
    exit: 'failed',
  }),
  'no-ssh': () => ({
    problem: 'there is no ssh program here',
    todo: 'Install the OpenSSH client, then try again',
    exit: 'not-set-up',
  }),
  'offer-where': (_, me) => ({
    problem: 'it was not said where to offer the key',
    todo: `${me} keys offer KEY --to '*.corp', or --everywhere`,
    exit: 'usage',
  }),
  'still-running': (detail) => ({
    problem: `Palmkey still runs on ${shown(detail.home)}`,
    todo: 'Nothing in its folder was deleted. End it, then try again',
    exit: 'failed',
  }),
  stopped: () => ({
    problem: 'stopped before it was done',
    todo: 'Nothing was kept of it',
    exit: 'refused',
  }),
  'try-path': (detail) => ({
    problem: `ssh could not read a configuration that names ${shown(detail.path)}`,
    todo: 'Choose a --home without quotes, dollar signs and control characters, or start with --no-try',
    exit: 'usage',
  }),
  unwell: (detail) => ({
    problem:
      detail.found === 1 ? 'one link to the phone is broken' : `${shown(detail.found)} links to the phone are broken`,
    todo: 'What to do stands below each',
    exit: 'failed',
  }),
  'which-key': (_, me) => ({
    problem: 'there is more than one key',
    todo: `Say which: its name or fingerprint as ${me} keys lists them`,
    exit: 'usage',
  }),
  'which-new-key': (_, me) => ({
    problem: 'more than one key could take its place',
    todo: `Say which with --with: its name or fingerprint as ${me} keys lists them`,
    exit: 'usage',
  }),
  'which-phone': (_, me) => ({
    problem: 'there is more than one phone',
    todo: `Say which: its name as ${me} status lists them`,
    exit: 'usage',
  }),
} as const satisfies Record<CliCode, Say>;

export const systemProblems = {
  EACCES: (detail) => ({
    problem: `not allowed: ${shown(detail.path ?? detail.address ?? 'the system refused')}`,
    todo: 'Check who owns it; ports below 1024 are for the system',
    exit: 'failed',
  }),
  EEXIST: (detail) => ({
    problem: `${shown(detail.path)} is there already, so nothing was written`,
    todo: 'Choose another name',
    exit: 'failed',
  }),
  ENOSPC: () => ({ problem: 'the disk is full', todo: 'Free some space, then try again', exit: 'failed' }),
  EROFS: (detail) => ({
    problem: `${shown(detail.path)} cannot be written to`,
    todo: 'Choose another folder with --home',
    exit: 'failed',
  }),
  ENOTDIR: (detail) => ({
    problem: `${shown(detail.path)} lies in something that is not a folder`,
    todo: 'Choose another folder with --home',
    exit: 'failed',
  }),
} as const satisfies Record<string, Say>;
