/** Words for the ends of a pairing (spec/pairing.md). */
import type { PairingError } from '@palmkey/core/pairing';
import type { Say, Words } from './words.ts';

const again = (me: string) => `Nothing was kept. Start again with ${me} pair`;

export const pairingProblems = {
  cancelled: (_, me) => ({ problem: 'the pairing was cancelled', todo: again(me), exit: 'refused' }),
  'wrong-code': (_, me) => ({
    problem: 'three wrong codes, so this pairing is over',
    todo: `${again(me)}. If you typed just what the phone showed, somebody stands between the two: use another network`,
    exit: 'unverified',
  }),
  'timed-out': (_, me) => ({ problem: 'the pairing waited 3 minutes and gave up', todo: again(me), exit: 'no-answer' }),
  'no-answer': (_, me) => ({
    problem: 'the phone did not confirm in time',
    todo: `${again(me)}. If the phone lists this computer, remove it there first`,
    exit: 'no-answer',
  }),
  'bad-message': (_, me) => ({
    problem: 'the phone sent something that is not part of a pairing',
    todo: `${again(me)}. If it happens again, reload the app`,
    exit: 'unverified',
  }),
  commitment: (_, me) => ({
    problem: 'the phone showed other keys than it had committed to, so somebody may have interfered',
    todo: `${again(me)}, on a network that you trust`,
    exit: 'unverified',
  }),
  version: (_, me) => ({
    problem: 'the app speaks another version of pairing than this computer',
    todo: `Reload the app or update Palmkey here, then ${me} pair`,
    exit: 'failed',
  }),
  'already-paired': (_, me) => ({
    problem: 'this phone and this computer are already paired',
    todo: `${me} status shows it. To pair anew, ${me} unpair it first`,
    exit: 'failed',
  }),
  'peer-aborted': (detail, me) => phoneEnded(String(detail.reason ?? ''), me),
  'bad-link': (_, me) => ({ problem: 'this is not a pairing link', todo: `Make one with ${me} pair`, exit: 'usage' }),
  'link-expired': (_, me) => ({
    problem: 'the link ran out: it is good for 10 minutes',
    todo: `Make another with ${me} pair`,
    exit: 'no-answer',
  }),
} as const satisfies Record<PairingError['code'], Say>;

function phoneEnded(reason: string, me: string): Words {
  switch (reason) {
    case 'cancelled':
      return { problem: 'the pairing was cancelled on the phone', todo: again(me), exit: 'refused' };
    case 'timed-out':
      return { problem: 'the phone stopped waiting', todo: again(me), exit: 'no-answer' };
    case 'already-paired':
      return {
        problem: 'the phone already knows this computer',
        todo: `Remove this computer on the phone, then ${me} pair`,
        exit: 'failed',
      };
    case 'version':
      return pairingProblems.version({}, me);
    default:
      return {
        problem: 'the phone ended the pairing because something did not verify',
        todo: `${again(me)}, on a network that you trust`,
        exit: 'unverified',
      };
  }
}
