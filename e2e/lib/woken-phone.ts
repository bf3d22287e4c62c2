/** The browser's part of being woken: a push service that can be reached, the push event, notifications and taps on them. */
import type { PushRegistration } from '@palmkey/envelope';
import type { PushService } from '@palmkey/relay/testing/push-service';
import type { BrowserContext, CDPSession, Page, Worker } from 'playwright-core';

/** What of a notification a person sees. */
export interface SeenNotification {
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly actions: readonly string[];
}

/** A phone whose browser subscribes at a {@link PushService} on loopback: its own cannot be reached from a closed network. */
export class WokenPhone {
  readonly #context: BrowserContext;
  readonly #origin: string;
  readonly #service: PushService;
  readonly #cdp: CDPSession;
  readonly #registrationId: string;

  private constructor(
    context: BrowserContext,
    origin: string,
    service: PushService,
    cdp: CDPSession,
    registrationId: string,
  ) {
    this.#context = context;
    this.#origin = origin;
    this.#service = service;
    this.#cdp = cdp;
    this.#registrationId = registrationId;
  }

  /** Grants notifications, puts the subscription where the browser's would be, and switches notifications on in the app. */
  static async switchOn(page: Page, origin: string, service: PushService): Promise<WokenPhone> {
    const context = page.context();
    await context.grantPermissions(['notifications'], { origin });
    await context.addInitScript(subscribeThere, plain(service.subscribe()));
    await page.reload();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.getByRole('link', { name: 'Settings' }).first().click();
    await page.getByRole('link', { name: /Notifications/ }).click();
    await page.getByRole('switch', { name: 'Wake this device when something asks' }).click();
    await page.getByText(`${origin} wakes this device.`).waitFor();
    // A page that is not the app's, so that all of those can be closed.
    const cdp = await context.newCDPSession(await context.newPage());
    return new WokenPhone(context, origin, service, cdp, await registrationId(cdp, origin));
  }

  /** The service worker, awake or asleep. */
  async worker(): Promise<Worker> {
    const known = this.#context.serviceWorkers().find((worker) => worker.url().startsWith(this.#origin));
    return known ?? (await this.#context.waitForEvent('serviceworker'));
  }

  /** What the relay hands to the push service next reaches the browser. */
  async deliverNext(): Promise<void> {
    await this.deliver((await this.#service.next()).payload.toString());
  }

  /** The browser gets this from its push service. */
  async deliver(data: string): Promise<void> {
    await this.#cdp.send('ServiceWorker.deliverPushMessage', {
      origin: this.#origin,
      registrationId: this.#registrationId,
      data,
    });
  }

  /** Every notification of the app that stands. */
  async notifications(): Promise<readonly SeenNotification[]> {
    return (await this.worker()).evaluate(async () => {
      const scope = globalThis as unknown as { registration: ServiceWorkerRegistration };
      return (await scope.registration.getNotifications()).map((notification) => ({
        tag: notification.tag,
        title: notification.title,
        body: notification.body,
        actions: (notification as unknown as { actions: { title: string }[] }).actions.map(({ title }) => title),
      }));
    });
  }

  /** The person presses a button of the one notification that stands. Resolves when the worker is done with it. */
  async press(action: string): Promise<void> {
    await (
      await this.worker()
    ).evaluate(async (pressed) => {
      const scope = globalThis as unknown as EventTarget & {
        registration: ServiceWorkerRegistration;
        NotificationEvent: new (
          type: string,
          init: { notification?: Notification | undefined; action: string },
        ) => Event;
      };
      const [notification] = await scope.registration.getNotifications();
      const event = new scope.NotificationEvent('notificationclick', { notification, action: pressed });
      let work: Promise<unknown> = Promise.resolve();
      // An event that a script made keeps no worker alive by itself.
      Object.defineProperty(event, 'waitUntil', { value: (promise: Promise<unknown>) => (work = promise) });
      scope.dispatchEvent(event);
      await work;
    }, action);
  }
}

async function registrationId(cdp: CDPSession, origin: string): Promise<string> {
  const found = new Promise<string>((resolve) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find(({ scopeURL, isDeleted }) => scopeURL === `${origin}/` && !isDeleted);
      if (ours !== undefined) resolve(ours.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  return found;
}

interface PlainRegistration {
  readonly endpoint: string;
  readonly p256dh: readonly number[];
  readonly auth: readonly number[];
}

function plain({ endpoint, p256dh, auth }: PushRegistration): PlainRegistration {
  return { endpoint, p256dh: [...p256dh], auth: [...auth] };
}

/** Runs in each page, before the app. */
function subscribeThere({ endpoint, p256dh, auth }: PlainRegistration): void {
  const subscription = {
    endpoint,
    options: { applicationServerKey: null },
    getKey: (name: string) => new Uint8Array(name === 'auth' ? auth : p256dh).buffer,
    unsubscribe: () => Promise.resolve(true),
  };
  const there = () => Promise.resolve(subscription);
  Object.assign(PushManager.prototype, { subscribe: there, getSubscription: there });
}
