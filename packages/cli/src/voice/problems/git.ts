/** Words for git: what kept it from being set up, and what came of a commit or tag that was to be signed. */
import type { GitSetupError } from '@palmkey/host/git';
import { refusalWords } from '../refusal-words.ts';
import { visible } from '../visible.ts';
import { shown, type Say } from './words.ts';

export const gitSetupProblems = {
  'no-git': () => ({
    problem: 'there is no git program here',
    todo: 'Install git 2.35 or later, then try again',
    exit: 'not-set-up',
  }),
  'git-too-old': (detail) => ({
    problem: `git ${shown(detail.version)} cannot sign with a key that is no file`,
    todo: 'Update it to 2.35 or later, then try again',
    exit: 'not-set-up',
  }),
  'no-repository': (detail) => ({
    problem: `${shown(detail.path)} is in no git repository`,
    todo: 'Go into one, or leave --local out to set git up for all of them',
    exit: 'usage',
  }),
  'git-failed': (detail) => ({
    problem: `git could not write ${shown(detail.name)} to ${shown(detail.path)}`,
    todo: 'Check who may write there, and that no other git holds it (a .lock beside it), then try again',
    exit: 'failed',
  }),
  'broken-signers': (detail) => ({
    problem: `only one of the two lines that mark Palmkey’s part is in ${shown(detail.path)}, so it was left alone`,
    todo: 'Take the line # palmkey: begin or # palmkey: end out by hand, then try again',
    exit: 'failed',
  }),
} as const satisfies Record<GitSetupError['code'], Say>;

const unmade = 'Nothing was committed or tagged';
const again = `${unmade}. Run it again to ask once more; --no-gpg-sign (for a tag --no-sign) goes without a signature`;
const onPhone = (phone: string | number | null | undefined) =>
  phone === undefined || phone === null ? '' : ` on ${visible(String(phone))}`;

/** What ends a `git-sign`. The first word of each is what happened, since git shows it after its own. */
export const gitSignProblems = {
  rejected: ({ phone }) => ({
    problem: `rejected${onPhone(phone)}, so nothing was signed`,
    todo: again,
    exit: 'refused',
  }),
  passed: ({ phone }) => ({
    problem: `not with this key, was said${onPhone(phone)}, so nothing was signed`,
    todo: `${unmade}. Another key: palmkey git setup --key, then run it again`,
    exit: 'refused',
  }),
  withdrawn: () => ({ problem: 'the asking was ended, so nothing was signed', todo: again, exit: 'failed' }),
  'no-answer': ({ received, absent }) => ({
    problem:
      received === 1
        ? 'no answer in time, so nothing was signed'
        : absent === 1
          ? 'the phone is not connected, so nothing was signed'
          : 'no sign of the phone in 30 s, so nothing was signed',
    todo: received === 1 ? again : `${unmade}. Open the app on the phone, then run it again`,
    exit: 'no-answer',
  }),
  'unknown-key': (_, me) => ({
    problem: 'the phone does not have the key of user.signingKey any more, so nothing was signed',
    todo: `${unmade}. ${me} git setup chooses another`,
    exit: 'failed',
  }),
  'phone-too-old': () => ({
    problem: 'the phone runs an older Palmkey that cannot sign for git',
    todo: `${unmade}. Reload the app on the phone, then run it again`,
    exit: 'failed',
  }),
  'update-phone': () => ({
    problem: 'the phone runs an older Palmkey that this one does not understand',
    todo: `${unmade}. Reload the app on the phone, then run it again`,
    exit: 'failed',
  }),
  'update-us': () => ({
    problem: 'the phone runs a newer Palmkey than this computer',
    todo: `${unmade}. Update this computer, then run it again`,
    exit: 'failed',
  }),
  revoked: () => ({
    problem: 'the phone was taken out of your account, so nothing was signed',
    todo: `${unmade}. Sign with a key of another phone`,
    exit: 'failed',
  }),
  unpaired: (_, me) => ({
    problem: 'the phone is paired no more, so nothing was signed',
    todo: `${unmade}. Pair it with ${me} pair`,
    exit: 'failed',
  }),
  unparsable: () => ({
    problem: 'this is neither a commit nor a tag that Palmkey understands, so nobody was asked',
    todo: `${unmade}. What is signed is always shown in full, and this could not be`,
    exit: 'unverified',
  }),
  'too-large': () => ({
    problem: 'the text is longer than 8 MiB, so nobody was asked',
    todo: `${unmade}. Shorten the message, or go without a signature: --no-gpg-sign`,
    exit: 'failed',
  }),
  muted: ({ phone }) => ({
    problem: `this computer is muted${onPhone(phone)}`,
    todo: `${unmade}. Unmute it in the app under Computers, then run it again`,
    exit: 'refused',
  }),
  'too-many': ({ phone }) => refusal('too-many', phone),
  busy: ({ phone }) => refusal('busy', phone),
  expired: ({ phone }) => refusal('expired', phone),
  'id-reuse': ({ phone }) => refusal('id-reuse', phone),
  'bad-bind': ({ phone }) => refusal('bad-bind', phone),
  'clock-skew': ({ phone, skew }) => refusal('clock-skew', phone, typeof skew === 'number' ? skew : null),
  failed: () => ({
    problem: 'the phone’s answer was no signature of this text, so it was thrown away',
    todo: again,
    exit: 'unverified',
  }),
} as const satisfies Record<string, Say>;

function refusal(code: string, phone: string | number | null | undefined, skewMs: number | null = null) {
  const who = phone === undefined || phone === null ? 'the phone' : visible(String(phone));
  return { problem: `${who} refused: ${refusalWords(code, skewMs)}`, todo: again, exit: 'failed' } as const;
}
