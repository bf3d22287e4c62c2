import { type KexDeps, KexError, type KexSession, type MessageRouter } from '@palmkey/core/provisioning';
import { parseRendezvousSender } from '@palmkey/envelope';

/** How long one look waits at the relay, ms. */
const POLL_MS = 5_000;
/** Between two looks, where a relay does not wait as it was asked to, ms. */
const PAUSE_MS = 250;

/**
 * Resolves when something lies in a session's rendezvous, which stays there to be read: until then the account may go on,
 * and the way is begun at its end. Throws KexError `timed-out`, `cancelled`, `unreachable`.
 */
export async function somebodyCame(
  clock: KexDeps['clock'],
  router: MessageRouter,
  { rendezvous, self }: KexSession,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const until = clock.now() + limitMs;
  while (clock.now() < until) {
    if (signal.aborted) throw new KexError('cancelled');
    const since = clock.now();
    try {
      const there = await router.get(rendezvous, parseRendezvousSender(self), 1, POLL_MS, signal);
      if (there.length > 0) return;
      if (clock.now() < since + POLL_MS) await clock.after(PAUSE_MS, signal);
    } catch (cause) {
      throw new KexError(isOver(signal) ? 'cancelled' : 'unreachable', { cause });
    }
  }
  throw new KexError('timed-out');
}

/** Whether it is aborted by now: after an await it may be what it was not before. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
