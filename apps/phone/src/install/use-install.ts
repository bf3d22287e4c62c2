import { useSyncExternalStore } from 'react';
import { cardDismissed, installWay, watchInstall, type InstallWay } from './install-offer.ts';

/** How the app could be installed right now, and whether the card that says so was put away. */
export function useInstall(): { way: InstallWay; dismissed: boolean } {
  const way = useSyncExternalStore(watchInstall, installWay);
  const dismissed = useSyncExternalStore(watchInstall, cardDismissed);
  return { way, dismissed };
}
