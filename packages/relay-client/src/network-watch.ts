import type { Timers } from './ports.ts';

/** How often the addresses are looked at. */
const EVERY_MS = 5_000;

/**
 * Calls `onChange` when this machine's network addresses have changed, looked at every five seconds; what it returns
 * ends that. `addresses` gives them as one text. A look that comes late, because the machine slept, counts as a change.
 */
export function watchNetwork(timers: Timers, addresses: () => string, onChange: () => void): () => void {
  let before = addresses();
  let due = timers.now() + EVERY_MS;
  let cancel: () => void;
  const look = (): void => {
    const now = addresses();
    const slept = timers.now() - due > EVERY_MS;
    const changed = now !== before || slept;
    before = now;
    due = timers.now() + EVERY_MS;
    cancel = timers.after(EVERY_MS, look);
    if (changed) onChange();
  };
  cancel = timers.after(EVERY_MS, look);
  return () => {
    cancel();
  };
}
