import { HttpRouter, systemTimers } from '@palmkey/relay-client';
import { webPrimitives } from '@palmkey/core/crypto';
import { webBiometric } from './browser-biometric.ts';
import { workerScrypt } from './browser-scrypt.ts';
import { fetchFlows } from './joining/fetch-flows.ts';
import type { Page, PhonePorts } from './ports.ts';
import { isApplePhone, isInstalled } from '../install/install-offer.ts';
import { webBoard } from '../notices/web-board.ts';
import { webPush } from './web-push.ts';
import { webNeighbours } from './web-neighbours.ts';
import { webPorts } from './web-ports.ts';
import { webSockets } from './web-sockets.ts';

/** The app registers its worker once the first screen stands: so long one may have to wait for it, ms. */
const REGISTERED_WITHIN_MS = 5_000;

/** The service worker's, once it is active; null where there is none, as in private browsing. */
async function registration(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator)) return null;
  const { promise: late, end } = after(REGISTERED_WITHIN_MS);
  const found = await Promise.race([navigator.serviceWorker.ready, late]);
  end();
  return found;
}

function after(ms: number): { readonly promise: Promise<null>; readonly end: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const promise = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  return { promise, end: () => clearTimeout(timer) };
}

/** The engine's ports in a real browser's page. */
export function browserPorts(): PhonePorts {
  return {
    ...webPorts(webSockets),
    scrypt: workerScrypt,
    fetchFlows,
    meetAt: (relay) =>
      new HttpRouter({
        relay,
        // Kept alive: a word of leaving that is posted while the page goes away still arrives.
        fetch: (url, init) => fetch(url, { ...init, keepalive: init.method === 'POST', cache: 'no-store' }),
        timers: systemTimers,
        random: (length) => webPrimitives.randomBytes(length),
      }),
    page: browserPage(),
    biometric: webBiometric,
    neighbours: webNeighbours(),
    push: webPush(registration, {
      ask: () => Notification.requestPermission(),
      missing:
        isApplePhone(navigator.userAgent, navigator.maxTouchPoints) && !isInstalled() ? 'install-first' : 'unsupported',
    }),
    board: webBoard(registration),
  };
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
