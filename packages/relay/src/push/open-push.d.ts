import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { PushOptions } from '../options.ts';
import type { PushOrders } from '../socket/order-ports.ts';
import type { Database } from '../store/database.ts';
import { type PushDeskPorts } from './push-desk.ts';
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
export declare function openPush({ options, database, reads, clock, logger }: OpenPushOptions): Promise<Push>;
