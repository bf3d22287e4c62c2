/** What is wrong with an invitation code, by an InvitationError's code, or a relay's. */
export function codeProblem(code: string | null): string {
  switch (code) {
    case 'length':
      return 'A code has 20 characters. Look whether one is missing.';
    case 'letter':
      return 'A code has digits and letters only, and no U. Look at it again.';
    case 'not-admitted':
    case 'removed':
      return 'The relay does not take it: it may be used, too old, or from another relay.';
    case 'blocked':
      return 'The relay has blocked this device. Ask whoever runs it.';
    case 'quota':
      return 'The account of this invitation, or the relay, is full. Ask whoever gave it to you.';
    case 'not-connected':
    case 'closed':
    case 'rate-limited':
    case 'too-many-connections':
      return 'The relay cannot be reached, or is busy. Try again in a moment.';
    case 'unavailable':
    case 'internal':
    case 'draining':
      return 'The relay has a fault at the moment. Try again in a while.';
    default:
      return 'It could not be saved. Try again.';
  }
}

/** Whether a relay's refusal is one that this device can get past by an invitation or a sign-in. */
export function canGetIn(problem: string | null): boolean {
  return problem === 'not-admitted' || problem === 'removed';
}

/** Why the relay refuses this device, and what that means. */
export function refusalWords(problem: string | null, computers: string): string {
  if (computers === '') return 'It asks who you are before it lets a device in.';
  const so = ` Until it does, ${computers} cannot ask here.`;
  return problem === 'removed'
    ? `This device’s admission was taken back: the relay knows it no longer.${so}`
    : `This relay does not know this device.${so}`;
}

/** Why a sign-in at a relay does not begin in the app from this address. */
export function signInProblem(code: string | null, app: string): string {
  return code === 'wrong-origin'
    ? `The relay takes no sign-in that begins at ${app}, where your app is from. Ask whoever runs it to allow that address (--app-origins), or for an invitation, which always works.`
    : 'The relay does not answer. Try again in a moment.';
}

/** Why a sign-in came to nothing, by the code that the relay sent back (spec/relay.md, "Admission"). */
export function signInFailure(code: string): { readonly title: string; readonly text: string } {
  switch (code) {
    case 'sign-in-refused':
      return {
        title: 'You were not let in',
        text: 'You cancelled at GitHub, or are not among those that the relay is for. If you did not cancel, ask whoever runs it.',
      };
    case 'name-taken':
      return {
        title: 'Your name at GitHub was somebody else’s',
        text: 'The relay admits it for the account that first came by it. Ask whoever runs the relay.',
      };
    case 'bad-state':
      return {
        title: 'The sign-in took too long',
        text: 'It began in another browser, more than ten minutes ago, or was used already. Begin again.',
      };
    case 'unavailable':
      return { title: 'GitHub could not be asked', text: 'The relay could not reach it. Try again in a while.' };
    case 'quota':
      return {
        title: 'Your account is full',
        text: 'The relay lets no more devices into it. Ask whoever runs it, or remove one.',
      };
    case 'blocked':
      return { title: 'The relay has blocked you', text: 'Ask whoever runs it.' };
    default:
      return { title: 'The sign-in failed', text: `The relay says ${code}. Try again.` };
  }
}
