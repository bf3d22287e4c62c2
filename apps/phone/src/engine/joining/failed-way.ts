import { ProvisioningError } from '@palmkey/core/provisioning';
import { PalmkeyError, RelayError } from '@palmkey/envelope';
import type { JoiningView } from '../../model/account-view.ts';

/**
 * `other-relay`: the new device is at a relay that is not the account's. `no-relay`: the account is at none.
 * `entered-elsewhere`: what was entered is shown by, or was entered at, another device that lets in. `relay-full`: the
 * relay has no room for one more meeting, or no number for it.
 */
export class JoiningError extends PalmkeyError {
  override readonly name = 'JoiningError';
  readonly code: 'other-relay' | 'no-relay' | 'entered-elsewhere' | 'relay-full';

  constructor(code: JoiningError['code'], cause?: unknown) {
    super(`joining: ${code}`, { cause });
    this.code = code;
  }
}

/** Why a relay did not open a rendezvous or give it a number; what does not say so itself is passed on as it is. */
export function whyNotOpened(error: unknown): unknown {
  if (!(error instanceof RelayError)) return error;
  if (error.code === 'conflict') return new JoiningError('entered-elsewhere', error);
  return error.code === 'rendezvous-full' ? new JoiningError('relay-full', error) : error;
}

/** A way that came to nothing, as both sides' screens show it. What is no error of ours is thrown on. */
export function failedWay(error: unknown): Extract<JoiningView, { is: 'failed' }> {
  if (error instanceof ProvisioningError) {
    return { is: 'failed', code: error.code, step: error.step, theirs: error.theirs };
  }
  if (!(error instanceof PalmkeyError)) throw error;
  // Before there is a stream the two are meeting: what goes wrong with their keys is said of that step.
  const step = error.name === 'KexError' ? 'meeting' : null;
  return { is: 'failed', code: error.code, step, theirs: null };
}
