import { codeOf } from '../parts/code-of.ts';

/** Why a change of the account was not made, in words: what happened, then what to do. Nothing was changed. */
export function actFailure(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case 'conflict':
      return 'Another device changed the account at the same moment. Look at the devices, and try again.';
    case 'rolled-back':
    case 'forked':
    case 'withheld':
    case 'other-account':
    case 'bad-chain':
      return 'What the relay gives about your account does not hold. See the alarm on the inbox.';
    case 'not-connected':
    case 'unreachable':
      return 'The relay of your account is not within reach. Check the network and try again.';
    case 'moved':
      return 'Another device has moved your account to another relay. This one is on its way there: try again in a moment. If that relay is gone, stay at the present one: Devices, Relay.';
    case 'no-key':
      return 'The account’s key is not here yet. Leave Palmkey open for a moment and try again.';
    case 'no-words':
      return 'The words were not kept while you were away. Make new ones.';
    case 'no-head':
    case 'no-chain':
      return 'The relay does not give your account’s record. Check the network and try again.';
    case 'removed':
    case 'not-yours':
      return 'This device is not in the account any more.';
    case 'too-many-devices':
      return 'The account is full: it has at most 32 devices that decide. Remove one first.';
    case 'rate-limited':
    case 'quota':
      return 'The relay takes no more changes at the moment. Wait a minute and try again.';
    case 'locked':
      return 'The app is locked. Unlock it and try again.';
    case 'not-ready':
      return 'This device has no account yet. Reload the page and try again.';
    default:
      return `The relay did not take it${code === null ? '' : ` (${code})`}. Check the network and try again.`;
  }
}
