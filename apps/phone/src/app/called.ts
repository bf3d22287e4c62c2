import { parseHash } from '../engine/neighbours.ts';
import type { HexId } from '../model/hex-id.ts';

/** Calls `listener` when the person tapped a notification, with the request that it was about, if it was about one. */
export function onCalled(listener: (hash: HexId | null) => void): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('is' in data) || data.is !== 'show') return;
    listener('hash' in data ? parseHash(data.hash) : null);
  });
}
