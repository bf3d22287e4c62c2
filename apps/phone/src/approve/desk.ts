import type { HexId, HistoryEntry, LoginView, Outcome } from '../model/model.ts';

export type Decision = 'approve' | 'reject';

/** What lies in front of the person: one request at most, whatever waits behind it. */
export type Desk =
  | { readonly is: 'clear' }
  | { readonly is: 'asking'; readonly login: LoginView }
  /** Answered here a moment ago; the next one waits until the beat is over. */
  | { readonly is: 'answered'; readonly login: LoginView; readonly decision: Decision }
  /** Ended without an answer from here; stays until the person has seen it. */
  | { readonly is: 'over'; readonly login: LoginView; readonly outcome: Outcome };

/** Buttons of a request act this long after it appears, ms: a tap meant for what was there before does nothing. */
export const armDelayMs = 400;
/** After an answer nothing else appears for this long, ms. */
export const beatMs = 700;

interface Facts {
  readonly waiting: readonly LoginView[];
  readonly history: readonly HistoryEntry[];
  /** Hashes answered or put away here: never shown twice, even while the model still lists them. */
  readonly answered: ReadonlySet<HexId>;
}

function next({ waiting, answered }: Facts): Desk {
  const login = waiting.find(({ hash }) => !answered.has(hash));
  return login === undefined ? { is: 'clear' } : { is: 'asking', login };
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
      const { hash } = desk.login;
      const still = facts.waiting.find((login) => login.hash === hash);
      if (still !== undefined) return still === desk.login ? desk : { is: 'asking', login: still };
      const outcome = facts.history.find((entry) => entry.hash === hash)?.outcome ?? 'withdrawn';
      return { is: 'over', login: desk.login, outcome };
    }
  }
}

/** The desk after the person moved on from an answer or from a request that is over. */
export function moveOn(facts: Facts): Desk {
  return next(facts);
}
