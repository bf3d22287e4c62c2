import { ChainError } from '@palmkey/chain';
import type { CaughtUp } from '@palmkey/core/account';
import type { AccountAlarmCode, AccountView } from '../../model/account-view.ts';
import { isOfRelay } from './account-error.ts';

/** Why nothing may be decided, and at which link. */
export type ChainAlarm = NonNullable<AccountView['alarm']>;

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

/**
 * What is said of a relay that was asked last; null: nothing speaks against going on. `seqno`: this device's last link.
 * Throws why it was not reached, where that is not the relay's doing.
 */
export function alarmAfter(caught: CaughtUp, seqno: number): ChainAlarm | null {
  switch (caught.is) {
    case 'current':
    case 'advanced':
      return null;
    case 'no-chain':
    case 'relay-behind':
      return { code: 'rolled-back', seqno };
    case 'withheld':
      return { code: 'withheld', seqno: caught.head.seqno };
    case 'refused':
      return { code: alarmOf(caught.code), seqno: caught.seqno };
    case 'unreachable': {
      const { cause } = caught;
      if (cause instanceof ChainError) return { code: 'bad-chain', seqno: cause.seqno };
      if (!isOfRelay(cause)) throw cause;
      return { code: 'no-head', seqno };
    }
  }
}
