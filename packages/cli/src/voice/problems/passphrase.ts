/** Words for what keeps a passphrase from being set, or keys from being opened. */
import { shown, type Say } from './words.ts';

/** The codes of the control socket's calls about it. */
export const passphraseCodes = [
  'keys-locked',
  'wrong-passphrase',
  'no-passphrase',
  'passphrase-set',
  'passphrase-unfit',
  'passphrase-busy',
] as const;

export const passphraseProblems = {
  'keys-locked': (_, me) => ({
    problem: 'this computer’s keys are locked',
    todo: `${me} unlock asks for the passphrase`,
    exit: 'not-set-up',
  }),
  'wrong-passphrase': () => ({
    problem: 'that is not the passphrase',
    todo: 'Nothing has changed. If it is forgotten: docs/passphrase.md says how to begin anew',
    exit: 'unverified',
  }),
  'no-passphrase': (_, me) => ({
    problem: 'no passphrase is set, so there is nothing to lock or to remove',
    todo: `${me} passphrase sets one`,
    exit: 'not-set-up',
  }),
  'passphrase-set': (_, me) => ({
    problem: 'a passphrase is set already',
    todo: `${me} passphrase changes it, and asks for that one first`,
    exit: 'failed',
  }),
  'passphrase-unfit': (detail) => ({
    problem: shown(detail.why) === 'too-long' ? 'that passphrase is too long' : 'that passphrase is too short',
    todo: 'It takes at least 8 characters',
    exit: 'usage',
  }),
  'passphrase-busy': () => ({
    problem: 'another passphrase is being tried just now',
    todo: 'Try again in a moment',
    exit: 'failed',
  }),
} as const satisfies Record<(typeof passphraseCodes)[number], Say>;
