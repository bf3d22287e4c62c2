import type { AccountAlarmCode } from '../model/account-view.ts';

interface AlarmWords {
  readonly title: string;
  /** What is so. */
  readonly text: string;
  readonly todo: readonly string[];
}

const compare =
  'On another device of yours open Settings, then Devices, and compare the account record there with the one below.';
const moved =
  'If you run the relay: was it set up anew, or restored from an older copy? Then restore the newest copy, and ask again.';

/** Why this device decides nothing, and what to do (spec/account.md, "Pins"). */
export function alarmWords(code: AccountAlarmCode): AlarmWords {
  switch (code) {
    case 'rolled-back':
      return {
        title: 'This relay showed an older history',
        text: 'Changes of your account that this device has seen are missing from what the relay gives. Somebody may be hiding that a device was removed.',
        todo: [compare, moved, 'If nobody can say why, use another relay: move your account there, below.'],
      };
    case 'forked':
      return {
        title: 'This relay showed a different history',
        text: 'What the relay gives about your account contradicts what this device has seen. The relay, or whoever has broken into it, shows your devices different things.',
        todo: [
          compare,
          moved,
          'If one of your devices is one that you do not trust any more, remove it: it may have said what is not so.',
          'If nobody can say why, use another relay, and pair your computers there.',
        ],
      };
    case 'withheld':
      return {
        title: 'This relay is holding back a change',
        text: 'Another device of yours has seen a change of your account that the relay does not show here. Somebody may be hiding that a device was removed.',
        todo: [
          compare,
          moved,
          'If the other device is one that you do not trust any more, remove it: what it said counts for nothing then.',
          'If nobody can say why, move the account to another relay, on the device that has seen the change.',
        ],
      };
    case 'other-account':
      return {
        title: 'This relay showed another account',
        text: 'What the relay gives is the record of an account that is not yours, so it does not say whether a device of yours was removed.',
        todo: ['Ask again, in case it was a passing mistake.', moved, 'If it stays so, ask whoever runs the relay.'],
      };
    case 'bad-chain':
      return {
        title: 'The account’s record does not hold',
        text: 'A change that the relay gives is not one that a device of yours may have made, so this device does not take it.',
        todo: ['Reload the page, in case Palmkey has been updated.', compare, moved],
      };
    case 'no-head':
      return {
        title: 'Waiting for the account’s record',
        text: 'The relay has not said whether your account has changed, for instance whether a device was removed.',
        todo: [
          'Check the network.',
          'Ask again. If you run the relay, look whether it runs.',
          'If the relay has another address, or is gone for good, say where your account is now, below.',
        ],
      };
  }
}

/** Whether a device may have said what raised it: that one can be removed all the same. */
export function mayBeTold(code: AccountAlarmCode): boolean {
  return code === 'withheld' || code === 'forked';
}

/** Whether it is only a wait, and nothing that somebody did. */
export function isWait(code: AccountAlarmCode): boolean {
  return code === 'no-head';
}
