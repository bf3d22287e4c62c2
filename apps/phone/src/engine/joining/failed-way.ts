import { ProvisioningError } from '@palmkey/core/provisioning';
import { PalmkeyError } from '@palmkey/envelope';
import type { JoiningView } from '../../model/account-view.ts';

/** `other-relay`: the new device is at a relay that is not the account's. `no-relay`: the account is at none. */
export class JoiningError extends PalmkeyError {
  override readonly name = 'JoiningError';
  readonly code: 'other-relay' | 'no-relay';

  constructor(code: JoiningError['code']) {
    super(`joining: ${code}`);
    this.code = code;
  }
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
