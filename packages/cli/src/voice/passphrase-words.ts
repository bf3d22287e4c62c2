/** What is said and asked around the passphrase that locks this computer's keys. */
import type { PassphraseStrength } from '@palmkey/core/account';
import type { KeysState } from '@palmkey/host/control';
import type { Paint } from './paint.ts';

export const passphraseWords = {
  ask: 'Passphrase: ',
  askLater: 'Passphrase (Enter: later): ',
  askOld: 'Passphrase as it is now: ',
  askNew: 'New passphrase: ',
  askTwice: 'Once more: ',
  differ: 'These were two different ones.',
  wrong: (left: number): string => `That is not it. ${left === 1 ? 'One more try.' : `${left} more tries.`}`,
  strength: (strength: Exclude<PassphraseStrength, 'fair'>): string => {
    switch (strength) {
      case 'empty':
      case 'too-short':
        return 'It takes at least 8 characters. Four unrelated words make a good one.';
      case 'too-long':
        return 'That is too long.';
      case 'weak':
        return 'That one is soon guessed. Four unrelated words are better; Ctrl-C leaves it.';
    }
  },
  notLocked: (state: Exclude<KeysState, 'locked'>): string =>
    state === 'plain' ? 'Nothing is locked: no passphrase is set.' : 'It is unlocked.',
  unlocked: 'Unlocked: this computer asks your phone again.',
  locked: (me: string, paint: Paint): string[] => [
    'Locked: this computer asks nobody, and ssh goes on to its local keys.',
    `  ${paint.quiet(`${me} unlock opens it`)}`,
  ],
  set: (me: string, paint: Paint): string[] => [
    'Set: this computer’s keys are locked on its disk from now on.',
    `  ${paint.quiet(`After each start of Palmkey: ${me} unlock. A service waits for it too`)}`,
    `  ${paint.quiet('Nobody can bring a forgotten one back')}`,
    `  ${paint.quiet('Copies of the folder from before hold the keys in the open')}`,
  ],
  changed: (paint: Paint): string[] => [
    'Changed.',
    `  ${paint.quiet('Copies of the folder made before now still open with the old one')}`,
  ],
  removed: (paint: Paint): string[] => [
    'Removed: this computer’s keys stand on its disk in the open.',
    `  ${paint.quiet('Only the rights of the file keep others from them')}`,
  ],
} as const;
