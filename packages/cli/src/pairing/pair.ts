import type { ControlClient, PairEvent, PhoneFact } from '@palmkey/host/control';
import { codeOf } from '../voice/problem.ts';
import type { PairingScreen } from './pairing-screen.ts';

export interface MeetingPlace {
  /** Origin of the relay in the link; the daemon's when left out. */
  readonly relay?: string;
  /** Origin of the app in the link; the relay's when left out. */
  readonly app?: string;
}

/**
 * One pairing over the control socket, from link to phone.
 * Throws ControlError with the pairing's code, CliError `no-input` when nobody can type, or what `signal` was aborted with;
 * `control` is closed in the latter two cases, which ends the pairing.
 */
export async function pair(
  control: ControlClient,
  place: MeetingPlace,
  screen: PairingScreen,
  signal: AbortSignal,
): Promise<PhoneFact> {
  const over = new AbortController();
  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const leave = (reason: unknown) => {
    fail(reason);
    control.close();
  };
  const stopped = () => leave(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', stopped, { once: true });

  const onEvent = (event: PairEvent): void => {
    switch (event.is) {
      case 'link':
        return screen.link(event.url);
      case 'phone-arrived':
        return screen.arrived();
      case 'code-wanted':
        void screen
          .askCode(event.attempt, event.phoneName, AbortSignal.any([signal, over.signal]))
          .then((code) => control.call('pair-code', { code }))
          .catch((error: unknown) => {
            // When the pairing ended in the meantime its own end is what counts, not that the question went unanswered.
            if (!over.signal.aborted && codeOf(error) !== 'disconnected') leave(error);
          });
        return;
      case 'finishing':
        return screen.finishing();
    }
  };
  try {
    const { phone } = await Promise.race([control.call('pair', place, onEvent), failed]);
    return phone;
  } finally {
    over.abort();
    signal.removeEventListener('abort', stopped);
  }
}
