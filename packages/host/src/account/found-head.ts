/** What asking a relay for the head of the account's chain comes to. */
import type { CaughtUp, RefusedChain } from '@palmkey/core/account';

/** Why nothing is decided. `withheld`: a device has told a head, of which the seqno is, that the relay does not give. */
export interface AccountAlarm extends Pick<RefusedChain, 'seqno' | 'reason'> {
  readonly code: RefusedChain['code'] | 'withheld';
}

/** The head is known, or not, or the relay's chain is refused. */
export type Found = 'current' | 'unknown' | AccountAlarm;

/** What an answer of the relay says: a computer that is on a chain has a pin, so that no chain is none. */
export function foundBy(caught: CaughtUp): Found {
  switch (caught.is) {
    case 'current':
    case 'advanced':
    case 'relay-behind':
      return 'current';
    case 'refused':
      return caught;
    case 'withheld':
      return { code: 'withheld', seqno: caught.head.seqno, reason: null };
    case 'no-chain':
    case 'unreachable':
      return 'unknown';
  }
}

/** What is kept of an answer that says why nothing is decided. */
export function alarmOf({ code, seqno, reason }: AccountAlarm): AccountAlarm {
  return { code, seqno, reason };
}
