import { createHash } from 'node:crypto';
import { type Grant, invitationGrantPreimage, parseInvitationCode, parseRendezvousId } from '@palmkey/envelope';

/** The grant of an invitation's code as somebody typed it (spec/relay.md, "Admission"); null for what is no code. */
export function invitationGrant(code: string): Grant | null {
  const parsed = parseInvitationCode(code);
  if (parsed === null) return null;
  const hash = createHash('sha256').update(invitationGrantPreimage(parsed)).digest();
  return parseRendezvousId(new Uint8Array(hash));
}
