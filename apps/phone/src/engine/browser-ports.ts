import { browserSockets } from '@palmkey/relay-client';
import { webBiometric } from './browser-biometric.ts';
import type { Page, PhonePorts } from './ports.ts';
import { webNeighbours } from './web-neighbours.ts';
import { webPorts } from './web-ports.ts';

/** The engine's ports in a real browser's page. */
export function browserPorts(): PhonePorts {
  return { ...webPorts(browserSockets), page: browserPage(), biometric: webBiometric, neighbours: webNeighbours() };
}

function browserPage(): Page {
  return {
    origin: location.origin,
    onWake: (listener) => {
      addEventListener('online', listener);
      addEventListener('pageshow', (event) => {
        if (event.persisted) listener();
      });
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'visible') listener();
      });
    },
    visible: () => document.visibilityState === 'visible',
    onVisible: (listener) =>
      document.addEventListener('visibilitychange', () => listener(document.visibilityState === 'visible')),
    onLeave: (listener) => addEventListener('pagehide', listener),
    notes: {
      get: (name) => sessionStorage.getItem(name),
      set: (name, value) => sessionStorage.setItem(name, value),
    },
    persisted: () => navigator.storage.persisted(),
    persist: () => navigator.storage.persist(),
  };
}
