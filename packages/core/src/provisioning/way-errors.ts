import { PalmkeyError } from '@palmkey/envelope';
import { KexError, type KexFault } from './errors.ts';
import { RemoteError } from './rpc.ts';

/** Where in the way both sides are (spec/provisioning.md, "The way"). */
export type ProvisioningStep =
  /** One side is there and waits for the other. */
  | 'meeting'
  /** Y looks at what X offers, and its person names it. */
  | 'offering'
  /** X looks at what Y signed, and asks its person. */
  | 'asking'
  /** Y checks what X signed, saves it and posts it. */
  | 'joining';

/** What can be wrong with the steps themselves; below them it is a {@link KexFault}. */
export type WayFault =
  /** A method out of its turn. */
  | 'bad-order'
  /** Arguments or a result that have not the structure of their method. */
  | 'bad-message'
  /** At Y: the account is not the one that was named. */
  | 'other-account'
  /** At Y: the relay could not give the chain, or the seeds. */
  | 'no-chain'
  /** At Y: the chain, or what X countersigned, is refused by replay; the cause says which link and why. */
  | 'bad-chain'
  /** At Y: the skeleton does not go on where the chain ends: one of the two is old, or made up. */
  | 'wrong-place'
  /** At Y: X is none of those who may let a device in. */
  | 'not-a-member'
  /** At X: the account has all the members that it may have. */
  | 'too-many-devices'
  /** At X: the new device did not sign exactly this. */
  | 'bad-reverse-signature'
  /** At X: the id is not that of the two keys, or not that of the device which sends. */
  | 'wrong-device-id'
  /** At X: an id or a key that was on the chain before. */
  | 'reused-key'
  /** At X: name and kind are not those that the link promises. */
  | 'wrong-facts'
  /** At X: a name that no device may have. */
  | 'bad-account-name'
  /** At X: a name that a device has, or had. */
  | 'name-taken'
  /** At Y: X's share of the code is not the one to which it was held. */
  | 'wrong-commitment'
  /** At X: its person did not say yes. */
  | 'refused'
  /** At Y: X's link is not the one that Y signed, or X's signature does not hold. */
  | 'bad-countersignature'
  /** At Y: the per-user key is not the chain's; the cause says how. */
  | 'wrong-per-user-key'
  /** At Y: the passphrase stream does not open. */
  | 'wrong-passphrase-stream'
  /** At Y: it could not be saved; nothing was posted. */
  | 'not-saved'
  /** At Y: it is saved, and whether it is on the chain is not known: it has to be posted again. */
  | 'not-posted'
  /** Another link was there first: nothing of this is on the chain, and it is begun again. */
  | 'conflict'
  /** The other side says that it failed; `theirs` says how. */
  | 'peer-failed';

/** A provisioning that came to nothing, and at which step. */
export class ProvisioningError extends PalmkeyError {
  override readonly name = 'ProvisioningError';
  readonly code: KexFault | WayFault;
  readonly step: ProvisioningStep;
  /** For `peer-failed`: the other side's code, lower-case letters, digits and `-`, at most 64. Otherwise null. */
  readonly theirs: string | null;

  constructor(
    code: KexFault | WayFault,
    step: ProvisioningStep,
    options: { readonly cause?: unknown; readonly theirs?: string } = {},
  ) {
    super(`provisioning, ${step}: ${code}`, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
    this.step = step;
    this.theirs = options.theirs ?? null;
  }
}

/** What went wrong below, as it is at this step; anything else is thrown on as it is. */
export function atStep(step: ProvisioningStep, error: unknown): unknown {
  if (error instanceof KexError) return new ProvisioningError(error.code, step, { cause: error });
  if (!(error instanceof RemoteError)) return error;
  if (error.code === 'conflict') return new ProvisioningError('conflict', step);
  return new ProvisioningError('peer-failed', step, { theirs: error.code });
}
