/** What came of an invitation: whether the relay lets this computer in. */
import type { Host } from '@palmkey/host';
import type { RelayFact } from '@palmkey/host/control';
import { CliError } from '../cli-error.ts';

/**
 * Waits for the relay's first word, or until `stopping` aborts; true when it has let this computer in, false when it
 * cannot be reached yet, or is not while the keys are locked. Throws CliError `invitation-refused`, or the relay's own code.
 */
export async function admitted(host: Pick<Host, 'status' | 'onChange'>, stopping: AbortSignal): Promise<boolean> {
  const fact = await new Promise<RelayFact | undefined>((resolve) => {
    const look = () => {
      const { relays, deviceKeys } = host.status();
      const [relay] = relays;
      const isLocked = deviceKeys === 'locked';
      if (stopping.aborted || isLocked || (relay !== undefined && relay.state !== 'connecting')) done(relay);
    };
    const done = (relay: RelayFact | undefined) => {
      unsubscribe();
      stopping.removeEventListener('abort', look);
      resolve(relay);
    };
    const unsubscribe = host.onChange(look);
    stopping.addEventListener('abort', look);
    look();
  });
  if (fact?.state === 'refused') {
    throw new CliError(fact.problem === 'not-admitted' ? 'invitation-refused' : 'relay-refuses', {
      relay: fact.url,
      found: fact.problem,
    });
  }
  return fact?.state === 'connected';
}
