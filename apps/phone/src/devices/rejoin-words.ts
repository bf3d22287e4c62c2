import { codeOf } from '../parts/code-of.ts';

/** Why recovery words did not lead into an account, in words: what happened, then what to do. */
export function rejoinFailure(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case 'wrong-word-count':
      return 'It is twelve words. Count them on your paper.';
    case 'unknown-word':
      return 'A word is not in the list. Compare it with your paper.';
    case 'wrong-checksum':
      return 'These words do not belong together: one of them is another, or two are exchanged. Compare them with your paper.';
    case 'no-chain':
      return 'This relay knows no account of these words. If they were replaced since, only the newer ones work. If your account is at another relay, enter it below.';
    case 'removed':
    case 'unknown-signer':
    case 'revoked-signer':
      return 'These words were replaced by newer ones, and work no more.';
    case 'rolled-back':
    case 'forked':
    case 'bad-chain':
      return 'What the relay gives about your account does not hold, so nothing was added. Ask whoever runs it.';
    case 'not-found':
      return 'The words were not kept while you were away. Enter them again.';
    case 'not-posted':
      return 'The relay did not say whether it took this device. Leave Palmkey open: it asks again by itself.';
    case 'conflict':
      return 'Another device changed the account at the same moment. Try again.';
    case 'too-many-devices':
      return 'The account is full: it has at most 32 devices that decide.';
    case 'bad-origin':
      return 'That is no address of a relay. It begins with https://.';
    case 'name-taken':
      return 'A device of your account has, or had, that name. Choose another.';
    case 'bad-account-name':
      return 'Use 3 to 64 letters and digits for the name.';
    default:
      return `The relay cannot be reached${code === null ? '' : ` (${code})`}. Check the network and try again.`;
  }
}
