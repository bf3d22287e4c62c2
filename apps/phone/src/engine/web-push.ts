import type { PushRegistration } from '@palmkey/envelope';
import { equal } from '@palmkey/envelope';
import type { PushStanding, PushSubscriptions } from './push-subscriptions.ts';

/**
 * Web Push of a service worker's registration: the page asks for it, the worker has its own. `ask` puts the browser's
 * question; `installed` says whether this is the installed app, outside of which an iPhone has no Web Push.
 */
export function webPush(
  registration: () => Promise<ServiceWorkerRegistration | null>,
  { ask, missing }: { readonly ask: () => Promise<unknown>; readonly missing: 'unsupported' | 'install-first' },
): PushSubscriptions {
  const standing = async (): Promise<PushStanding> => {
    if (!('Notification' in globalThis) || !('PushManager' in globalThis)) return missing;
    if ((await registration()) === null) return 'unsupported';
    return ({ default: 'unasked', denied: 'denied', granted: 'allowed' } as const)[Notification.permission];
  };
  const current = async (): Promise<PushSubscription | null> =>
    (await (await registration())?.pushManager.getSubscription()) ?? null;
  return {
    standing,
    ask: async () => {
      if ((await standing()) === 'unasked') await ask();
      return standing();
    },
    current: async () => registrationOf(await current()),
    subscribe: async (key) => {
      const before = await current();
      const same = before?.options.applicationServerKey;
      if (before !== null && same != null && equal(new Uint8Array(same), key)) return made(before);
      await before?.unsubscribe();
      const manager = (await registration())?.pushManager;
      if (manager === undefined) throw new Error('no service worker');
      return made(await manager.subscribe({ userVisibleOnly: true, applicationServerKey: new Uint8Array(key) }));
    },
    end: async () => {
      await (await current())?.unsubscribe();
    },
  };
}

function made(subscription: PushSubscription): PushRegistration {
  const registration = registrationOf(subscription);
  if (registration === null) throw new Error('a subscription without keys');
  return registration;
}

function registrationOf(subscription: PushSubscription | null): PushRegistration | null {
  const p256dh = subscription?.getKey('p256dh') ?? null;
  const auth = subscription?.getKey('auth') ?? null;
  if (subscription === null || p256dh === null || auth === null) return null;
  return { endpoint: subscription.endpoint, p256dh: new Uint8Array(p256dh), auth: new Uint8Array(auth) };
}
