import { withDeadline } from '../timing/deadline.ts';
import { PairingError, type PairingFault } from './errors.ts';
import type { PairingClock } from './ports.ts';

/**
 * Does the work, but no longer than `ms`: then it throws {@link PairingError} `late`, and `cancelled` as soon as `signal`
 * is aborted. The signal that the work gets is aborted when it is over, however it ends.
 */
export async function within<T>(
  clock: PairingClock,
  ms: number,
  late: PairingFault,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = {
    clock,
    ms,
    late: () => new PairingError(late),
    cancelled: () => new PairingError('cancelled'),
    signals: [signal],
  };
  return withDeadline(deadline, work);
}
