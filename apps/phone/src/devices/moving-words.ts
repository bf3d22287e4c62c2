import { codeOf } from '../parts/code-of.ts';

/** Why the account does not move to a relay, in words: what is so, then what to do. Nothing was changed by it. */
export function movingFailure(error: unknown, relay: string): string {
  return movingProblem(codeOf(error), relay);
}

/** Why the account does not stay at its present relay, in words, against another device's move. */
export function stayingFailure(error: unknown, relay: string): string {
  switch (codeOf(error)) {
    case 'forked':
    case 'bad-chain':
      return 'The present relay shows another history of your account than this device has seen. Do not stay there.';
    case 'withheld':
      return 'The present relay does not show a change of the account that another device of yours has seen. Do not stay there.';
    case 'removed':
      return 'This device is not in the account any more. Stay from another one.';
    case 'not-connected':
    case 'no-answer':
      return `The present relay at ${relay} does not answer, so the other devices could not be told. Look that it runs, and try again.`;
    case 'conflict':
      return 'Another device has changed something at the same moment. Try again.';
    default:
      return movingFailure(error, relay);
  }
}

/** Why the account does not move to a relay, by the code of it. */
export function movingProblem(code: string | null, relay: string): string {
  switch (code) {
    case 'bad-address':
      return 'That is no address of a relay. It begins with https://, or is http:// on this computer itself.';
    case 'already-there':
      return 'Your account is at this relay already.';
    case 'unreachable':
    case 'not-connected':
    case 'no-answer':
      return `No relay answers at ${relay}. Look at the address, and that the relay runs.`;
    case 'not-admitted':
    case 'removed':
      return 'The relay does not know this device. It takes an invitation code, from whoever runs it.';
    case 'length':
      return 'An invitation has 20 characters. Compare it with what you were given.';
    case 'letter':
      return 'There is a character in it that no invitation has.';
    case 'blocked':
      return 'Whoever runs the relay has blocked this device or its account. Ask them.';
    case 'other-account':
      return 'The relay takes this device for another account’s: the sign-in or invitation by which it came in was that one’s. Nothing was moved. Use another relay, or ask whoever runs this one.';
    case 'withheld':
      return 'Another device of yours has seen a change of the account that is not here. Nothing was moved. Move on that device.';
    case 'forked':
      return 'The relay shows another history of your account than this device has seen. Nothing was moved. Do not use it.';
    case 'bad-chain':
      return 'The relay does not take your account’s record, or shows one that breaks the rules. If it is an older version, move on the device that began the account.';
    case 'rolled-back':
      return 'The relay does not keep what it is given. Nothing was moved. Ask whoever runs it.';
    case 'joined-late':
      return 'Your account’s record is too long to be moved from here. Do it on a device that has been in it for longer.';
    case 'no-key':
      return 'The account’s key is not here yet. Leave Palmkey open for a moment and try again.';
    case 'quota':
      return 'The relay has no room for your account. Ask whoever runs it.';
    case 'wrong-origin':
      return `The relay goes by another name than ${relay}. Type the one that its operator uses.`;
    case 'rate-limited':
    case 'unavailable':
    case 'conflict':
    case 'draining':
      return 'The relay is busy. Palmkey tries again by itself.';
    case 'locked':
      return 'The app is locked. Unlock it and try again.';
    default:
      return `The relay did not take it${code === null ? '' : ` (${code})`}. Check the network and try again.`;
  }
}
