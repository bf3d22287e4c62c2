/** Words for ssh's configuration that cannot be changed. */
import type { SetupError } from '@palmkey/host/setup';
import { shown, type Say } from './words.ts';

export const setupProblems = {
  'broken-block': (detail, me) => ({
    problem: `half of what Palmkey had added to ${shown(detail.path)} is gone, so nothing was changed`,
    todo: `Remove the lonely line “palmkey” there by hand, then ${me} setup again`,
    exit: 'failed',
  }),
  'newer-setup': (detail) => ({
    problem: `${shown(detail.path)} was written by a newer Palmkey`,
    todo: 'Update this one; nothing was changed',
    exit: 'failed',
  }),
  'own-upstream': (detail) => ({
    problem: `${shown(detail.path)} is Palmkey’s own agent, which cannot stand behind itself`,
    todo: 'Name the socket of your other agent, or none',
    exit: 'usage',
  }),
  'unusable-path': (detail) => ({
    problem: `ssh could not read a configuration that names ${shown(detail.path)}`,
    todo: 'Choose a --home without quotes, backslashes, dollar signs and control characters',
    exit: 'usage',
  }),
} as const satisfies Record<SetupError['code'], Say>;
