import { PalmkeyError, RelayError, isRelayErrorCode } from '@palmkey/envelope';
import type { Clock, LinkState, RelayLink } from './ports.ts';

/** How long a relay may take to say whether it lets this device in. */
const SAYS_WITHIN_MS = 10_000;

/** There is no connection to that relay now. */
export class NotConnectedError extends PalmkeyError {
  override readonly name = 'NotConnectedError';
  readonly code = 'not-connected';
}

/**
 * Resolves once the relay has let this device in. Throws its {@link RelayError} when it refuses, and a
 * {@link NotConnectedError} when there is no way to it, it says nothing for ten seconds, or the signal ends the waiting.
 */
export async function untilAdmitted(link: RelayLink, clock: Clock, signal?: AbortSignal): Promise<void> {
  const over = new AbortController();
  let stopListening = (): void => undefined;
  const answer = new Promise<void>((resolve, reject) => {
    const look = ({ is, problem }: LinkState): void => {
      if (is === 'connected') resolve();
      else if (is !== 'connecting') reject(refusal(is, problem));
    };
    stopListening = link.onState(look);
    look(link.state);
  });
  const silence = clock.after(SAYS_WITHIN_MS, over.signal).then(() => {
    throw new NotConnectedError('no answer');
  });
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new NotConnectedError('given up'));
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { signal: over.signal });
  });
  try {
    await Promise.race([answer, silence, givenUp]);
  } finally {
    stopListening();
    over.abort();
  }
}

function refusal(is: LinkState['is'], problem: string | null): PalmkeyError {
  return is === 'refused' && problem !== null && isRelayErrorCode(problem)
    ? new RelayError(problem)
    : new NotConnectedError('not connected');
}
