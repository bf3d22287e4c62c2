import type { SignInForm } from '../model/model.ts';
import { sha256, sign } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { Grant } from '@palmkey/envelope';
import {
  INVITATION_RANDOM_BYTES,
  PalmkeyError,
  RelayError,
  invitationCodeOf,
  invitationGrantPreimage,
  parseGrant,
  parseInvitationCode,
  signInMessage,
  toBase64Url,
} from '@palmkey/envelope';
import type { EnginePorts } from './ports.ts';
import { NotConnectedError } from './until-admitted.ts';

/** How long an invitation that this phone gives is good. */
export const INVITATION_LIFETIME_S = 24 * 3600;

/** It is no invitation code: `length` (another number of characters than 20), or `letter` (one that no code has). */
export class InvitationError extends PalmkeyError {
  override readonly name = 'InvitationError';
  readonly code: 'length' | 'letter';

  constructor(code: 'length' | 'letter') {
    super(code);
    this.code = code;
  }
}

/** The relay is neither the one that the app came from nor that of a paired computer. */
export class ForeignRelayError extends PalmkeyError {
  override readonly name = 'ForeignRelayError';
  readonly code = 'foreign-relay';
}

/** The grant of an invitation code that somebody typed (spec/relay.md, "Admission"). Throws {@link InvitationError}. */
export function grantOf(typed: string): Grant {
  const code = parseInvitationCode(typed);
  if (code !== null) return parseGrant(sha256(invitationGrantPreimage(code)));
  throw new InvitationError(typed.replace(/[\s-]/g, '').length === INVITATION_RANDOM_BYTES ? 'letter' : 'length');
}

/** A new invitation: its code, and the hash by which the relay knows its grant, 32 bytes. */
export function newInvitation(random: (length: number) => Uint8Array): { code: string; grantHash: Uint8Array } {
  const code = invitationCodeOf(random(INVITATION_RANDOM_BYTES));
  return { code, grantHash: sha256(grantOf(code)) };
}

/**
 * What is posted to sign this device in with GitHub at a relay, and to come back to the app: with the device's
 * signature, so that nobody has a device signed in whose keys they do not have. Rejects with `RelayError`
 * `wrong-origin` where that relay takes no sign-in from this app's address, and {@link NotConnectedError} where it
 * gives no nonce to sign.
 */
export async function signInForm(
  { askSignInNonce, page }: Pick<EnginePorts, 'askSignInNonce' | 'page'>,
  relay: string,
  device: DeviceKeys,
): Promise<SignInForm> {
  const nonce = await askSignInNonce(relay);
  if (nonce === 'wrong-origin') throw new RelayError('wrong-origin');
  if (nonce === null) throw new NotConnectedError('no nonce');
  const signature = await sign(device.signer, 'relay-sign-in', signInMessage(nonce, device.id, relay));
  return {
    action: `${relay}/v1/github/start`,
    fields: {
      signingKey: toBase64Url(device.signer.publicKey),
      agreementKey: toBase64Url(device.agreement.publicKey),
      nonce: toBase64Url(nonce),
      signature: toBase64Url(signature),
      origin: relay,
      back: page.origin,
    },
  };
}
