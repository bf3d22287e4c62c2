import type { PushRegistration } from '@palmkey/envelope';
/** How soon a push service is to wake a device (RFC 8030, §5.3): at once, also a device that saves its battery, or when it wakes anyway. */
export type PushUrgency = 'high' | 'normal';
/** What a push service made of a push. */
export type PushAnswer = {
    readonly is: 'handed';
}
/** The registration is dead and will never work again. */
 | {
    readonly is: 'gone';
}
/** It said no; `retryAfterMs` is how long it wants to hear nothing for this registration, 0 where it names no time. */
 | {
    readonly is: 'refused';
    readonly status: number;
    readonly retryAfterMs: number;
}
/** It did not answer, or was at fault itself. */
 | {
    readonly is: 'unreachable';
    readonly cause: string;
    readonly retryAfterMs: number;
};
/**
 * Port: hands sealed bodies to the push service of a device that is away. Web Push is one; APNs and FCM for apps that
 * are not a browser's would be others, each with registrations of its own form.
 */
export interface PushPort extends Disposable {
    /** What an app needs in order to register; the VAPID public key (RFC 8292), base64url. */
    readonly publicKey: string;
    /** Whether this relay speaks to the service that the registration names, and the registration can be encrypted to. */
    accepts(registration: PushRegistration): boolean;
    /** Hands a body over, to be kept for `ttlS` seconds at most while the device cannot be reached. Never rejects. */
    push(registration: PushRegistration, body: Uint8Array, ttlS: number, urgency: PushUrgency): Promise<PushAnswer>;
}
