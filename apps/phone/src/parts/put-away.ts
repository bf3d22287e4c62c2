import { useSyncExternalStore } from 'react';

/** What is offered once on home, until the person puts it away: by the name under which the browser keeps that. */
export type Offer = 'palmkey-install-card' | 'palmkey-push-offer';

const listeners = new Set<() => void>();
/** For a browser that keeps nothing. */
const untilNextStart = new Set<Offer>();

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function isPutAway(offer: Offer): boolean {
  if (untilNextStart.has(offer)) return true;
  try {
    return localStorage.getItem(offer) !== null;
  } catch {
    return false;
  }
}

/** Whether the offer was put away for good. */
export function usePutAway(offer: Offer): boolean {
  return useSyncExternalStore(watch, () => isPutAway(offer));
}

/** Puts an offer away for good; where the browser keeps nothing, until the next start. */
export function putAway(offer: Offer): void {
  untilNextStart.add(offer);
  try {
    localStorage.setItem(offer, 'dismissed');
  } catch {
    // Without storage it comes again then.
  }
  for (const listener of [...listeners]) listener();
}
