import type { CaughtUp } from '@palmkey/core/account';
import type { AccountAlarmCode } from '../../model/account-view.ts';

/** What asking a relay came to, where nothing may be decided after it. */
export type Doubt = Extract<CaughtUp, { is: 'refused' | 'withheld' | 'unreachable' }>;

/** Whether nothing may be decided after it. */
export function isDoubt(caught: CaughtUp): caught is Doubt {
  return caught.is === 'refused' || caught.is === 'withheld' || caught.is === 'unreachable';
}

/** Whether a relay has less than this device; what it gives is not wrong otherwise. */
export function lacks(caught: CaughtUp): boolean {
  return (
    caught.is === 'no-chain' ||
    caught.is === 'relay-behind' ||
    (caught.is === 'refused' && caught.code === 'rolled-back')
  );
}

/** The alarm for the code of a chain that is refused: what is none of its own is a chain that does not hold. */
export function alarmOf(code: string): AccountAlarmCode {
  switch (code) {
    case 'rolled-back':
    case 'forked':
    case 'other-account':
      return code;
    default:
      return 'bad-chain';
  }
}
