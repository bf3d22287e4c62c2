/**
 * Why a device did not join, in words: what happened, then what to do. Codes of core's ProvisioningError (which has all
 * of them in one union, so this switch is as long), of its JoinLinkError, WordsError and FollowError, and of spec/relay.md.
 */
import type { Side } from './secret-text.ts';

export interface FailedJoin {
  readonly code: string;
  readonly step: string | null;
  /** With `peer-failed`: the other device's code. */
  readonly theirs: string | null;
}

interface FailureWords {
  readonly title: string;
  readonly text: string;
}

const again = 'Nothing was added. Begin again on both devices.';
const network = 'If it happens twice, use another network.';

/** `side`: which device says it, `x` the one that lets in, `y` the one that joins. */
export function joiningFailure(failed: FailedJoin, side: Side): FailureWords {
  if (failed.code === 'peer-failed') return theirFailure(failed.theirs ?? 'peer-left', side);
  if (side === 'x' && failed.step === 'joining' && isSilence(failed.code)) return mayStillCome;
  return wordsOf(failed.code, failed.step, side) ?? unknownFailure(failed.code);
}

/** Whether a code has words of its own. */
export function isKnownFailure(code: string): boolean {
  return code === 'peer-failed' || wordsOf(code, null, 'x') !== null;
}

/** X has signed: what it does not hear any more of the new device says nothing about what that one does with it. */
const mayStillCome: FailureWords = {
  title: 'It may still come',
  text: 'You let it in, and then nothing was heard of it. Look at Devices: if it is not there in ten minutes, it never will be. Begin again then.',
};

function isSilence(code: string): boolean {
  return code === 'timed-out' || code === 'peer-left' || code === 'unreachable' || code === 'closed';
}

/** How far it was when the other device ended it; empty where that is not known. */
function leftAt(step: string | null, side: Side): string {
  switch (step) {
    case 'meeting':
      return 'It ended before the two had met. ';
    case 'offering':
      return `It ended before ${side === 'x' ? 'it' : 'this device'} had a name. `;
    case 'asking':
      return `It ended before ${side === 'x' ? 'you had' : 'anybody there had'} said yes. `;
    case 'joining':
      return 'It ended after the yes there. ';
    default:
      return '';
  }
}

function theirFailure(theirs: string, side: Side): FailureWords {
  const other = side === 'x' ? 'The new device' : 'Your other device';
  const words = wordsOf(theirs, null, side === 'x' ? 'y' : 'x');
  return {
    title: `${other} could not go on`,
    text: words === null ? `It says: ${theirs}. ${again}` : `It says: ${words.title}. ${words.text}`,
  };
}

function unknownFailure(code: string): FailureWords {
  return {
    title: 'It did not go through',
    text: `Check the network, that the relay runs, and that both pages are up to date (${code}). ${again}`,
  };
}

function wordsOf(code: string, step: string | null, side: Side): FailureWords | null {
  const joiner = side === 'x' ? 'the new device' : 'this device';
  switch (code) {
    case 'cancelled':
    case 'closed':
      return { title: 'Stopped', text: again };
    case 'interrupted':
      return { title: 'The page was closed in the middle', text: again };
    case 'refused':
      return { title: side === 'x' ? 'You said no' : 'It was answered with no there', text: 'Nothing was added.' };
    case 'peer-left':
      return {
        title: `${side === 'x' ? 'The new' : 'Your other'} device ended it`,
        text: `${leftAt(step, side)}Its screen may have the reason. ${again}`,
      };
    case 'timed-out':
      return step === null || step === 'meeting'
        ? {
            title: 'The two devices did not meet',
            text: `Keep both open side by side, and compare every word. ${again}`,
          }
        : { title: 'It took too long', text: `There are ten minutes from the first word to the last yes. ${again}` };
    case 'no-rendezvous':
    case 'no-nameplate':
      return {
        title: 'That code is over',
        text: `A code works once, for ten minutes, and only as it was shown. ${again}`,
      };
    case 'wrong-secret':
      return {
        title: 'The two codes differ',
        text: `Something else was entered than was shown, or somebody tried to stand in between. That code is used up. ${again} ${network}`,
      };
    case 'secret-used':
      return { title: 'That code was used already', text: again };
    case 'account-needed':
      return {
        title: 'Those nine words need their QR code',
        text: 'Scan it, or choose another way on the other device.',
      };
    case 'bad-link':
      return {
        title: 'That is not from “Add a device”',
        text: 'It is not complete, or something else. Scan what the other device shows now.',
      };
    case 'unknown-word':
    case 'wrong-word-count':
      return {
        title: 'Those words are not a code',
        text: 'It is a number and three words, or eight or nine words. Compare them with the other screen.',
      };
    case 'version':
    case 'unsupported-version':
      return {
        title: 'The two speak different versions',
        text: 'Reload this page on both devices so that they are up to date. Then begin again.',
      };
    case 'aborted':
      return {
        title: `${side === 'x' ? 'The new' : 'Your other'} device seems to have left`,
        text: `It was stopped or closed there; or somebody who sees the relay ended it, and can do no more than that. ${again}`,
      };
    case 'unreachable':
      return { title: 'The relay cannot be reached', text: `Check the network of both devices. ${again}` };
    case 'bad-packet':
    case 'packet-unopenable':
    case 'packet-mismatch':
    case 'wrong-session':
    case 'own-packet':
    case 'wrong-peer':
    case 'wrong-packet-seqno':
    case 'flooded':
    case 'bad-frame':
    case 'wrong-seqid':
    case 'too-many-calls':
    case 'bad-order':
    case 'bad-message':
    case 'rendezvous-full':
      return { title: 'Something in between disturbed it', text: `What came does not verify. ${again} ${network}` };
    case 'other-account':
      return {
        title: 'That is another account',
        text: `The other device offered an account that is not the one of the code. ${again} ${network}`,
      };
    case 'no-chain':
      return {
        title: 'The relay does not give the account',
        text: 'Open Palmkey on your other device, wait until its computers are within reach, and begin again.',
      };
    case 'wrong-place':
      return {
        title: 'The account changed just now',
        text: `The relay and the other device do not agree about its last change. Open Palmkey there, wait a moment, and begin again.`,
      };
    case 'bad-chain':
    case 'not-a-member':
    case 'wrong-commitment':
    case 'bad-countersignature':
    case 'wrong-per-user-key':
    case 'wrong-passphrase-stream':
      return {
        title: 'What the other device gave does not hold',
        text: 'This device did not take it. Look at Devices on a device of yours that you trust, before you begin again.',
      };
    case 'bad-reverse-signature':
    case 'wrong-device-id':
    case 'reused-key':
    case 'wrong-facts':
      return {
        title: 'The new device’s keys do not check out',
        text: `${again} It makes new keys then. If it happens twice, do not add it.`,
      };
    case 'bad-account-name':
      return { title: 'The name was none', text: `A name has 3 to 64 letters and digits. ${again}` };
    case 'name-taken':
      return { title: 'The name is taken', text: `A device has, or had, that name. ${again}` };
    case 'too-many-devices':
      return {
        title: 'The account is full',
        text: 'It has at most 32 devices that decide. Remove one that you no longer use, and begin again.',
      };
    case 'not-saved':
      return {
        title: 'The browser could not keep it',
        text: 'Leave private browsing or free some space on the new device, then begin again. Nothing was added.',
      };
    case 'not-posted':
      return {
        title: 'Not certain yet',
        text: `The relay did not say whether it took it. Leave Palmkey open on ${joiner}: it asks again by itself.`,
      };
    case 'already-signed':
      return {
        title: 'Another device may still come',
        text: 'It was let in here, and ended before it was in the account. Its time is over ten minutes after it began. Begin again then.',
      };
    case 'not-the-end':
    case 'conflict':
      return {
        title: 'Another change came first',
        text: `A device of yours changed the account at the same moment. ${again}`,
      };
    case 'rolled-back':
    case 'forked':
    case 'withheld':
      return {
        title: 'This relay showed a different history',
        text: 'Nothing is added while that is so. See the alarm on the inbox of your other device.',
      };
    case 'no-relay':
      return {
        title: 'The account is at no relay yet',
        text: 'Pair a computer with the device that you have, which gives the account its relay. Then begin again.',
      };
    case 'other-relay':
      return {
        title: 'The two are at different relays',
        text: 'Open Palmkey on the new device at the same address as on the one that you have. Then begin again.',
      };
    case 'entered-elsewhere':
      return {
        title: 'Those words are not a new device’s',
        text: `A device that is in an account shows them, this one or another, or they were entered before. Use what the new device shows now. ${again}`,
      };
    case 'relay-full':
      return {
        title: 'The relay has no free number',
        text: `Too many devices join at it just now. Try again in a few minutes. If it goes on, ask whoever runs the relay. ${again}`,
      };
    case 'rate-limited':
      return {
        title: 'The relay is busy',
        text:
          side === 'y'
            ? 'Too many numbers were tried from this network. What the other device shows is still good. Wait a minute and type it again, or scan the code instead, which needs no number. Nothing was added.'
            : `Wait a minute. ${again}`,
      };
    case 'too-many-connections':
    case 'quota':
      return { title: 'The relay is busy', text: `Wait a minute. ${again}` };
    case 'not-admitted':
      return {
        title: 'The relay does not admit this device',
        text: `${again} If it happens again, ask whoever runs the relay.`,
      };
    case 'not-ready':
      return { title: 'This device is not ready', text: 'Reload the page and begin again.' };
    default:
      return null;
  }
}
