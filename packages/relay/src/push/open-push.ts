import { RelayError } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import type { PushOptions } from '../options.ts';
import type { PushOrders } from '../socket/order-ports.ts';
import type { Database } from '../store/database.ts';
import { PushStore } from '../store/push-store.ts';
import { SecretStore } from '../store/secret-store.ts';
import { PushDesk, type PushDeskPorts } from './push-desk.ts';
import { PushServices } from './push-services.ts';
import { vapidKeys } from './vapid.ts';
import { WebPush } from './web-push.ts';

/** Push as the rest of a relay sees it. */
export interface Push extends Disposable {
  readonly orders: PushOrders;
  /** The VAPID public key, base64url; null where nothing is pushed. */
  readonly publicKey: string | null;
}

/** What push is made of; the options as `checkOptions` has passed them. */
export interface OpenPushOptions {
  readonly options: PushOptions | undefined;
  readonly database: Pick<Database, 'db'>;
  readonly reads: PushDeskPorts['reads'];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Opens push over the browsers' push services, or says no to everything where the operator wants none. */
export async function openPush({ options, database, reads, clock, logger }: OpenPushOptions): Promise<Push> {
  if (options === undefined) return { orders: noPush, publicKey: null, [Symbol.dispose]: () => undefined };
  const service = new WebPush({
    keys: await vapidKeys(new SecretStore(database)),
    contact: options.contact,
    services: new PushServices(options.services),
    withinMs: limits.pushWithinMs,
    ...(options.ca !== undefined && { ca: options.ca }),
  });
  const orders = new PushDesk({ clock, store: new PushStore(database), service, reads, logger });
  return {
    orders,
    publicKey: service.publicKey,
    [Symbol.dispose]: () => {
      service[Symbol.dispose]();
    },
  };
}

const noPush: PushOrders = {
  register: (_, registration) =>
    registration === null ? Promise.resolve() : Promise.reject(new RelayError('push-refused')),
  push: () => Promise.resolve('no-registration'),
};
