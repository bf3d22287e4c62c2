/** Words for rules of offering keys that cannot be. */
import type { KeyRuleError } from '@palmkey/host/control';
import { shown, type Say } from './words.ts';

export const offerProblems = {
  'bad-pattern': (detail) => ({
    problem: `${shown(detail.pattern)} is no pattern of host names`,
    todo: "Write a name, with * for any letters and ? for one, in quotes for your shell: '*.corp'",
    exit: 'usage',
  }),
  'only-negated': () => ({
    problem: 'patterns with an exclamation mark take hosts away, and there is none to take them from',
    todo: "Begin with one that fits, such as '*'",
    exit: 'usage',
  }),
  'no-such-pattern': (detail, me) => ({
    problem: `keys were not off for ${shown(detail.pattern)}`,
    todo: `${me} keys off lists what is off, letter for letter`,
    exit: 'failed',
  }),
  'too-many-rules': () => ({
    problem: 'there are more patterns than Palmkey keeps: 256 for a key, 256 that are off',
    todo: 'Say it with fewer; * stands for any letters',
    exit: 'usage',
  }),
} as const satisfies Record<KeyRuleError['code'], Say>;
