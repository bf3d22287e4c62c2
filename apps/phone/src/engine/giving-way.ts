import type { Primitives } from '@palmkey/core/crypto';

/** So long signatures may be verified in one turn of the event loop, ms: half of a frame. */
const TURN_MS = 8;

type Verifier = Pick<Primitives, 'verify'>;

/** What it needs to know of the event loop. */
export interface EventLoop {
  /** ms of a clock that nobody sets. */
  readonly now: () => number;
  /** Resolves in another turn, after what the page has to do before. */
  readonly nextTurn: () => Promise<void>;
}

/**
 * A verifier's `verify` that gives way: where {@link TURN_MS} of a turn are over, the next signature waits for another turn. An
 * engine may verify in the very turn in which it is asked, as Chromium does, and a chain has thousands of signatures.
 * One alone never waits.
 */
export function givingWay(verifier: Verifier, { now, nextTurn }: EventLoop): Primitives['verify'] {
  let turn: { readonly since: number; readonly over: Promise<void> } | null = null;
  return async (...asked) => {
    for (;;) {
      turn ??= {
        since: now(),
        over: nextTurn().then(() => {
          turn = null;
        }),
      };
      if (now() - turn.since < TURN_MS) return verifier.verify(...asked);
      await turn.over;
    }
  };
}

/** The event loop of a page or worker. A message to oneself comes at once, also in a page that is out of sight. */
export function webEventLoop(): EventLoop {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return {
    now: () => performance.now(),
    nextTurn: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        port2.postMessage(null);
      }),
  };
}
