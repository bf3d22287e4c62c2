import { span } from './times.ts';
import { visible } from './visible.ts';

/** Why a phone (spec/requests.md, "Answers") or the agent refused, in half a sentence. `skewMs`: phone's now − sent. */
export function refusalWords(code: string | null, skewMs: number | null): string {
  switch (code) {
    case 'unparsable':
      return 'this is nothing that it understands';
    case 'bad-bind':
      return 'the server’s proof of itself does not verify';
    case 'unknown-key':
      return 'it has no such key';
    case 'id-reuse':
      return 'the same request came with other content';
    case 'clock-skew':
      return clock(skewMs ?? 0);
    case 'expired':
      return 'it came too late';
    case 'busy':
      return 'too many requests wait there';
    case 'too-many':
      return 'this computer asks too often';
    case 'muted':
      return 'this computer is muted there';
    case 'phone-too-old':
    case 'update-phone':
      return 'it runs an older Palmkey: reload the app there';
    case 'update-us':
      return 'it runs a newer Palmkey: update this computer';
    case 'unpaired':
      return 'it is paired no more';
    case 'revoked':
      return 'it was taken out of your account';
    case 'account-refused':
      return 'your account is in doubt: palmkey account says why';
    case 'keys-locked':
      return 'this computer’s keys were locked';
    case 'too-large':
      return 'it is too long for a request';
    case 'poisoned':
      return 'a server’s proof of itself did not verify before on this connection';
    case 'locked':
      return 'the agent is locked: ssh-add -X unlocks it';
    case 'flags':
      return 'the signature was to be of a kind that the key has not';
    case 'rsa-sha1':
    case 'rsa-sha2-256':
      return 'RSA keys sign with SHA-512 only';
    case 'git-text-unseen':
      return 'a commit is signed with its text only: palmkey git setup leads git here';
    case 'forwarded':
      return 'for another computer no file is signed, and the agent is not locked';
    case 'no-upstream':
      return 'keys live on phones: adding one takes another ssh agent (palmkey setup --upstream)';
    case 'upstream-refused':
      return 'the ssh agent behind Palmkey’s did not do it';
    case null:
      return 'no reason given';
    default:
      return visible(code);
  }
}

function clock(skewMs: number): string {
  if (skewMs === 0) return 'the clocks differ too much. Set this computer’s or the phone’s';
  // The way of the message is part of the skew: whole minutes are what is known of it.
  const rounded = Math.round(skewMs / 60_000) * 60_000;
  return `this computer’s clock is ${span(rounded)} ${skewMs > 0 ? 'behind' : 'ahead of'} the phone’s. Set the wrong one`;
}
