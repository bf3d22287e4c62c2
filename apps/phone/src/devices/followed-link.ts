/** A join link that the app was opened with: anybody can make one, so a person says what becomes of it. */
import { useSyncExternalStore } from 'react';

let link: string | null = null;
const listeners = new Set<() => void>();

function set(next: string | null): void {
  link = next;
  for (const listener of [...listeners]) listener();
}

/** Keeps the link until it is used or put away. */
export function keepJoinLink(taken: string): void {
  set(taken);
}

/** Forgets it: it was used, or the person does not want it. */
export function dropJoinLink(): void {
  set(null);
}

/** The link that waits for the person; null when there is none. */
export function useJoinLink(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => link,
  );
}
