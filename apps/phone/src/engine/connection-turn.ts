import type { Neighbours, Word } from './neighbours.ts';
import type { Clock, HeldLock, Locks } from './ports.ts';

/** The Web Lock of the one tab, or the worker, that is connected and answers. */
export const CONNECTION_LOCK = 'palmkey-connection';

/** How long a page may take to say something: one that is frozen says nothing. Twice, since a third may have got in between. */
const SAYS_WITHIN_MS = 1_500;
const ROUNDS = 2;

/** What the worker takes its turn with. */
export interface TurnPorts {
  readonly clock: Clock;
  readonly locks: Locks;
  readonly neighbours: Neighbours;
  /** How many pages of the app are in sight. */
  inSight(): Promise<number>;
}

/** Whose turn it is: the worker's, with the lock; a page's, with what it said; or nobody's that could be found out. */
export type Turn =
  | { readonly is: 'ours'; readonly lock: HeldLock }
  | { readonly is: 'page'; readonly said: Word }
  | { readonly is: 'busy' };

/**
 * The worker's turn at the connection. A page that has it hears `word` and may answer it with a word that `settles`, or
 * give it up; one that says nothing is frozen, and the lock is taken from it, but never while a page is in sight that
 * could be the one that has it.
 */
export async function takeTurn(ports: TurnPorts, word: Word, settles: (said: Word) => boolean): Promise<Turn> {
  const { clock, locks, neighbours } = ports;
  const giveUp = new AbortController();
  const claimed = locks.acquire(CONNECTION_LOCK, { steal: false, signal: giveUp.signal });
  const ours = claimed.then((lock): Turn => ({ is: 'ours', lock }));
  let others = 0;
  let settled: (turn: Turn) => void = () => undefined;
  const page = new Promise<Turn>((resolve) => (settled = resolve));
  const end = neighbours.onWord((said) => {
    if (said.is === 'not-mine') others += 1;
    if (settles(said)) settled({ is: 'page', said });
  });
  try {
    for (let round = 0; round < ROUNDS; round++) {
      others = 0;
      neighbours.say(word);
      const waited = new AbortController();
      const silence = clock.after(SAYS_WITHIN_MS, waited.signal).then(
        () => null,
        () => null,
      );
      const turn = await Promise.race([ours, page, silence]);
      waited.abort();
      if (turn !== null) {
        if (turn.is === 'page') letGo(claimed, giveUp);
        return turn;
      }
    }
  } finally {
    end();
  }
  letGo(claimed, giveUp);
  if ((await ports.inSight()) > others) return { is: 'busy' };
  return { is: 'ours', lock: await locks.acquire(CONNECTION_LOCK, { steal: true }) };
}

/** Takes the claim back; should it have been granted in this very moment, it goes on to whoever waits. */
function letGo(claimed: Promise<HeldLock>, giveUp: AbortController): void {
  giveUp.abort();
  claimed.then(
    (lock) => lock.release(),
    () => undefined,
  );
}
