import type { HexId } from '../model/hex-id.ts';
import type { NoticeDecision, Word } from './neighbours.ts';
import type { PhonePorts } from './ports.ts';

/** What a page does by the worker's words. */
export interface PageWordsHooks {
  /** Whether this page has the connection. */
  readonly isOurs: () => boolean;
  /** Whether the worker could not go on with what this page does. */
  readonly mustStay: () => boolean;
  /** Something was pushed, and this page is the one to fetch it. */
  readonly wake: () => void;
  /** The worker is the better one to answer. */
  readonly giveWay: () => void;
  /** The person answered a notification; false where that did not count. Rejects where it cannot be done from one. */
  readonly decide: (hash: HexId, decision: NoticeDecision) => Promise<boolean>;
}

/** Answers the worker's words: only the page that has the connection does, or one that somebody looks at. */
export function answerWorker(
  { neighbours, page }: Pick<PhonePorts, 'neighbours' | 'page'>,
  { isOurs, mustStay, wake, giveWay, decide }: PageWordsHooks,
): void {
  neighbours.onWord((word: Word) => {
    switch (word.is) {
      case 'push':
        if (!isOurs()) {
          if (page.visible()) neighbours.say({ is: 'not-mine' });
        } else if (page.visible() || mustStay()) {
          neighbours.say({ is: 'mine' });
          wake();
        } else giveWay();
        return;
      case 'decide':
        if (isOurs())
          void decide(word.hash, word.decision).then(
            (counted) => neighbours.say({ is: 'decided', question: word.question, done: counted }),
            () => neighbours.say({ is: 'decided', question: word.question, done: false }),
          );
        else if (page.visible()) neighbours.say({ is: 'not-mine' });
        return;
      case 'mine':
      case 'not-mine':
      case 'wanted':
      case 'decided':
        return;
    }
  });
}
