/** Why a relay gave no invitation, by its error code (spec/relay.md, "Errors"). */
export function inviteProblem(code: string | null): string {
  switch (code) {
    case 'quota':
      return 'Your account has as many devices or open invitations as the relay allows.';
    case 'not-connected':
    case 'closed':
      return 'There is no connection to the relay. Try again in a moment.';
    case 'not-admitted':
    case 'removed':
      return 'The relay does not know this device. Get in there first.';
    case 'blocked':
      return 'The relay has blocked this device or its account. Ask whoever runs it.';
    case 'unavailable':
    case 'internal':
      return 'The relay has a fault at the moment. Try again in a while.';
    case 'timed-out':
      return 'The relay did not answer. An older one knows no invitations from devices.';
    default:
      return code === null ? 'Try again.' : `The relay says ${code}.`;
  }
}
