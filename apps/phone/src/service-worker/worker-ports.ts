import { webNeighbours } from '../engine/web-neighbours.ts';
import { webPush } from '../engine/web-push.ts';
import { webPorts } from '../engine/web-ports.ts';
import { webLines } from '../engine/web-sockets.ts';
import { webBoard } from '../notices/web-board.ts';
import type { WorkerPorts } from '../worker/worker-phone.ts';

/** The engine's ports in the service worker: those of a page but for what only a page has. */
export function workerPorts(scope: ServiceWorkerGlobalScope): WorkerPorts {
  return {
    ...webPorts(() => webLines),
    // A worker opens no pairing, which is what the notes are for.
    page: { origin: scope.location.origin, notes: { get: () => null, set: () => undefined } },
    // Nobody can be asked for a finger where no page is.
    biometric: { create: noPage, ask: noPage },
    neighbours: webNeighbours(),
    inSight: async () => (await windows(scope)).filter(({ visibilityState }) => visibilityState === 'visible').length,
    // Only a page can have the person asked.
    push: webPush(() => Promise.resolve(scope.registration), { ask: noPage, missing: 'unsupported' }),
    board: webBoard(() => Promise.resolve(scope.registration)),
  };
}

/** The app's pages, the one looked at last first. */
export function windows(scope: ServiceWorkerGlobalScope): Promise<readonly WindowClient[]> {
  return scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

function noPage(): Promise<never> {
  return Promise.reject(new Error('no page'));
}
