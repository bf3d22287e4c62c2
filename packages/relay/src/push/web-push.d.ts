import { type PushRegistration } from '@palmkey/envelope';
import type { PushAnswer, PushPort, PushUrgency } from './push-port.ts';
import { PushServices } from './push-services.ts';
import type { VapidKeys } from './vapid.ts';
/** What Web Push works with. */
export interface WebPushOptions {
    readonly keys: VapidKeys;
    /** Whom a push service writes to about this relay: a `mailto:` or `https:` URL (RFC 8292, §2.1). */
    readonly contact: string;
    readonly services: PushServices;
    /** How long a push service may take in all, ms. */
    readonly withinMs: number;
    /** A PEM certificate to be trusted besides the system's: a push service of the operator's own. */
    readonly ca?: string;
}
/**
 * Web Push: encryption to the subscription (RFC 8291) and the relay's signature (RFC 8292) by the `web-push` package, the
 * request (RFC 8030) by Node: the package's own sender reads an answer of any length and bounds only its silences.
 */
export declare class WebPush implements PushPort {
    #private;
    readonly publicKey: string;
    constructor(options: WebPushOptions);
    accepts({ endpoint, p256dh }: PushRegistration): boolean;
    push(registration: PushRegistration, body: Uint8Array, ttlS: number, urgency: PushUrgency): Promise<PushAnswer>;
    [Symbol.dispose](): void;
}
