import type { HexId } from '../model/hex-id.ts';
import type { HistoryEntry, Outcome, PermissionGrant } from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';

export type Decision = 'approve' | 'reject' | 'pass';

/** What lies in front of the person: one request at most, whatever waits behind it. */
export type Desk =
  | { readonly is: 'clear' }
  | {
      readonly is: 'asking';
      /** As the model gives it now. */
      readonly given: RequestView;
      /** As it is shown: what was unusual about it once stays so. A button to be held turns into none to be tapped. */
      readonly request: RequestView;
    }
  /** Answered here a moment ago; the next one waits until the beat is over, which begins once the answer counts. */
  | {
      readonly is: 'answered';
      readonly request: RequestView;
      readonly decision: Decision;
      readonly permission: PermissionGrant | null;
      readonly counts: boolean;
    }
  /** Ended without an answer from here; stays until the person has seen it. */
  | {
      readonly is: 'over';
      readonly request: RequestView;
      readonly outcome: Outcome;
      readonly by: HistoryEntry['by'];
    };

/** Buttons of a request act this long after it appears, ms: a tap meant for what was there before does nothing. */
export const armDelayMs = 400;
/** After an answer nothing else appears for this long, ms. */
export const beatMs = 700;

interface Facts {
  readonly waiting: readonly RequestView[];
  readonly history: readonly HistoryEntry[];
  /** The one that the person asked to see, from its notification: the model has put it first. */
  readonly front: HexId | null;
  /** Hashes answered or put away here: never shown twice, even while the model still lists them. */
  readonly answered: ReadonlySet<HexId>;
}

function next({ waiting, answered }: Facts): Desk {
  const request = waiting.find(({ hash }) => !answered.has(hash));
  return request === undefined ? { is: 'clear' } : asking(request);
}

function asking(given: RequestView, before: RequestView['unusual'] = []): Desk {
  const once = before.filter((each) => !given.unusual.includes(each));
  const request = once.length === 0 ? given : { ...given, unusual: [...given.unusual, ...once] };
  return { is: 'asking', given, request };
}

/** The desk after the facts changed. Returns the same object when nothing changes for the person. */
export function reconcile(desk: Desk, facts: Facts): Desk {
  switch (desk.is) {
    case 'answered':
    case 'over':
      return desk;
    case 'clear': {
      const found = next(facts);
      return found.is === 'clear' ? desk : found;
    }
    case 'asking': {
      const { hash } = desk.request;
      const still = facts.waiting.find((request) => request.hash === hash);
      const first = next(facts);
      if (first.is === 'asking' && first.request.hash === facts.front && hash !== facts.front) return first;
      if (still !== undefined) return still === desk.given ? desk : asking(still, desk.request.unusual);
      const entry = facts.history.find((candidate) => candidate.hash === hash);
      return { is: 'over', request: desk.request, outcome: entry?.outcome ?? 'withdrawn', by: entry?.by ?? null };
    }
  }
}

/**
 * The desk once it is known whether the answer to this request counts. Where it does not, it shows what came of the
 * request: it ended otherwise, or is asked again.
 */
export function answerKnown(desk: Desk, { hash }: RequestView, counts: boolean, facts: Facts): Desk {
  if (desk.is !== 'answered' || desk.request.hash !== hash || desk.counts) return desk;
  return counts ? { ...desk, counts } : reconcile(asking(desk.request), facts);
}

/** The desk after the person moved on from an answer or from a request that is over. */
export function moveOn(facts: Facts): Desk {
  return next(facts);
}
