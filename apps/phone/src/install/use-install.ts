import { useSyncExternalStore } from 'react';
import { installWay, watchInstall, type InstallWay } from './install-offer.ts';

/** How the app could be installed right now. */
export function useInstall(): InstallWay {
  return useSyncExternalStore(watchInstall, installWay);
}
